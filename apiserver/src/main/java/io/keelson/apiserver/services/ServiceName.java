package io.keelson.apiserver.services;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.object.ObjectMeta;

/** Which Service. */
record ServiceName(String namespace, String name) {
    static ServiceName of(JsonNode service) {
        return new ServiceName(ObjectMeta.namespace(service), ObjectMeta.name(service));
    }

    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
