package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.MediaType;
import io.keelson.apiserver.request.MediaTypes;
import io.keelson.apiserver.request.MediaTypes.Negotiated;
import io.keelson.apiserver.request.TableOptions;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ServedVersion;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Writes objects as answers, in the form and format that the client has asked for. */
final class Answers {
    static final ByteBuffer LINE_END = ByteBuffer.wrap(new byte[] {'\n'}).asReadOnlyBuffer();

    private final Formats formats;
    private final InstantSource clock;

    Answers(Formats formats, InstantSource clock) {
        this.formats = formats;
        this.clock = clock;
    }

    /** The formats of a resource: custom kinds have no protobuf form, but their metadata has. */
    static MediaTypes served(Resource resource) {
        return resource.custom() ? MediaTypes.TEXT_UNLESS_TURNED : MediaTypes.ALL;
    }

    /**
     * Whether an answer can be turned into something else: a table can only be text.
     *
     * @param kinds what it can be turned into
     */
    static Negotiated negotiate(ApiRequest request, Resource resource, Predicate<GroupVersionKind> kinds) {
        Negotiated negotiated = served(resource).answer(request, kinds);
        GroupVersionKind as = negotiated.as();
        boolean noProtobuf = negotiated.type() == MediaType.PROTOBUF && as != null && Tables.isTable(as);
        return noProtobuf ? MediaTypes.TEXT.answer(request, kinds) : negotiated;
    }

    /** The form of the answer to a request about one object. */
    Negotiated negotiate(ApiRequest request, Resource resource) {
        return negotiate(request, resource, as -> Tables.isTable(as) || Tables.isPartial(as));
    }

    /** An object in the storage version, of which the caller has no further use. */
    ApiResponse object(ApiRequest request, int status, Resource resource, ServedVersion version, ObjectNode stored) {
        return object(
                request,
                status,
                version,
                Versions.fromStorage(resource, stored, version.version()),
                negotiate(request, resource));
    }

    /** An object in the version the client speaks. */
    ApiResponse object(
            ApiRequest request, int status, ServedVersion version, ObjectNode object, Negotiated negotiated) {
        GroupVersionKind as = negotiated.as();
        ObjectNode shown = object;
        if (as != null && Tables.isTable(as)) {
            ObjectNode metadata = Json.object();
            metadata.put("resourceVersion", ObjectMeta.resourceVersion(object));
            shown = Tables.table(
                    as,
                    metadata,
                    version.columns(),
                    List.of(object),
                    TableOptions.parse(request.query()),
                    true,
                    clock.instant());
        } else if (as != null) {
            shown = Tables.partial(as, object);
        }
        return whole(status, negotiated, formats.encode(negotiated, shown));
    }

    /** Something that is no stored object: a status, a review, a scale. */
    ApiResponse plain(ApiRequest request, int status, ObjectNode object) {
        Negotiated negotiated = MediaTypes.ALL.answer(request, as -> false);
        return whole(status, negotiated, formats.encode(negotiated, object));
    }

    /** Bytes that are an object in JSON already. */
    static ApiResponse json(int status, byte[] encoded) {
        return new ApiResponse.Whole(
                status, Map.of("Content-Type", "application/json"), List.of(ByteBuffer.wrap(encoded), LINE_END));
    }

    static ApiResponse whole(int status, Negotiated negotiated, List<ByteBuffer> parts) {
        return new ApiResponse.Whole(
                status, Map.of("Content-Type", negotiated.type().text()), parts);
    }
}
