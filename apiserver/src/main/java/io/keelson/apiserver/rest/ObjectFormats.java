package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.Yaml;
import io.keelson.apiserver.protobuf.KubernetesProtobuf;
import io.keelson.apiserver.request.MediaTypes.Negotiated;
import java.util.Arrays;

/** Writes objects as JSON, as YAML, and as Kubernetes protobuf. */
final class ObjectFormats implements Formats {
    @Override
    public byte[] encode(Negotiated negotiated, ObjectNode object) {
        return switch (negotiated.type()) {
            case JSON -> negotiated.pretty() ? Json.encodePretty(object) : line(Json.encode(object));
            case YAML -> Yaml.encode(object);
            case PROTOBUF -> KubernetesProtobuf.encode(object);
        };
    }

    private static byte[] line(byte[] json) {
        byte[] line = Arrays.copyOf(json, json.length + 1);
        line[json.length] = '\n';
        return line;
    }
}
