package io.keelson.apiserver.openapi;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What other servers say of what they serve, behind this one. */
public interface AggregatedDocuments {
    /** Nothing. */
    AggregatedDocuments NONE = new AggregatedDocuments() {
        @Override
        public long number() {
            return 0;
        }

        @Override
        public Map<String, String> addresses() {
            return Map.of();
        }

        @Override
        public @Nullable ApiResponse answer(ApiRequest request, String name) {
            return null;
        }

        @Override
        public List<ObjectNode> swaggers() {
            return List.of();
        }
    };

    /** Counts the changes. */
    long number();

    /** Where the documents of v3 are, by their names: {@code apis/metrics.k8s.io/v1beta1}. */
    Map<String, String> addresses();

    /** A document of v3, as the other server has it; null if there is none of that name. */
    @Nullable
    ApiResponse answer(ApiRequest request, String name);

    /** Documents of v2, each about a part of what is served. Not to be changed. */
    List<ObjectNode> swaggers();
}
