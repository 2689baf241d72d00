package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.protobuf.KubernetesProtobuf;
import io.keelson.apiserver.resource.GroupVersion;
import io.keelson.apiserver.resource.Resource;

/** Reads objects as they stand in the store, in JSON or in protobuf, as a kube-apiserver writes them, and brings those of another version into the one that is worked with. */
final class StoredObjects {
    private StoredObjects() {}

    /** @throws MalformedException if it is no object */
    static ObjectNode decode(Resource resource, byte[] value) {
        ObjectNode object =
                KubernetesProtobuf.isProtobuf(value) ? KubernetesProtobuf.decode(value) : Json.parseObject(value);
        String apiVersion = ObjectMeta.apiVersion(object);
        String working = resource.workedOnAs().toString();
        if (resource.custom()) {
            // The definition may have changed since.
            resource.strategy().restore(object, GroupVersion.parse(apiVersion).version());
        }
        if (!apiVersion.equals(working)) {
            GroupVersion stored = GroupVersion.parse(apiVersion);
            object = resource.conversion().convert(object, stored.version(), resource.workedOnIn());
            ObjectMeta.setApiVersion(object, working);
        }
        return object;
    }
}
