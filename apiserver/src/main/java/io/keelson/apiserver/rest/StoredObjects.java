package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.protobuf.KubernetesProtobuf;
import io.keelson.apiserver.request.MediaType;
import io.keelson.apiserver.resource.GroupVersion;
import io.keelson.apiserver.resource.Resource;

/**
 * Objects as they stand in the store, in JSON or in protobuf, as a kube-apiserver writes and reads them. Those of another
 * version are brought into the one that is worked with.
 *
 * @param writtenAs JSON, or protobuf for kinds that have such a form
 */
record StoredObjects(MediaType writtenAs) implements Backend.StoredForm {
    @Override
    public byte[] encode(Resource resource, ObjectNode object) {
        boolean protobuf = writtenAs == MediaType.PROTOBUF
                && KubernetesProtobuf.knows(
                        resource.storedAs().kind(resource.kind().kind()));
        return protobuf ? KubernetesProtobuf.encode(object) : Json.encode(object);
    }

    @Override
    public ObjectNode decode(Resource resource, byte[] value) {
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
