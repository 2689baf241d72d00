package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.Yaml;
import io.keelson.apiserver.protobuf.KubernetesProtobuf;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ServedVersion;
import java.util.List;

/** Reads the objects that requests carry, in whatever format they are sent. */
final class RequestBodies implements Incoming.BodyReader {
    @Override
    public ObjectNode read(ApiRequest request, Resource resource, ServedVersion version, List<String> duplicates) {
        byte[] body = request.body().bytes(Incoming.BYTES_MAX);
        try {
            return switch (Answers.served(resource).body(request)) {
                case JSON -> Json.parseObject(body, duplicates);
                case YAML -> Yaml.parseObject(body, duplicates);
                case PROTOBUF -> KubernetesProtobuf.decode(body, kind(resource, version));
            };
        } catch (MalformedException e) {
            throw Incoming.notHandled(resource, version, e.message());
        }
    }

    private static GroupVersionKind kind(Resource resource, ServedVersion version) {
        return new GroupVersionKind(
                resource.name().group(), version.version(), resource.kind().kind());
    }

    /** YAML, or JSON, which is YAML. */
    static ObjectNode parseYaml(byte[] body, List<String> duplicates) {
        try {
            return Yaml.parseObject(body, duplicates);
        } catch (MalformedException e) {
            throw ApiException.badRequest("error decoding YAML: " + e.message());
        }
    }
}
