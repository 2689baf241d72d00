package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.JsonWriter;
import io.keelson.apiserver.object.Yaml;
import io.keelson.apiserver.protobuf.KubernetesProtobuf;
import io.keelson.apiserver.request.MediaTypes.Negotiated;
import java.nio.ByteBuffer;
import java.util.List;

/** Writes objects as JSON, as YAML, and as Kubernetes protobuf. */
final class ObjectFormats implements Formats {
    @Override
    public List<ByteBuffer> encode(Negotiated negotiated, ObjectNode object) {
        return switch (negotiated.type()) {
            case JSON ->
                negotiated.pretty()
                        ? List.of(ByteBuffer.wrap(Json.encodePretty(object)))
                        : new JsonWriter().value(object).raw("\n").pieces();
            case YAML -> List.of(ByteBuffer.wrap(Yaml.encode(object)));
            case PROTOBUF -> List.of(ByteBuffer.wrap(KubernetesProtobuf.encode(object)));
        };
    }
}
