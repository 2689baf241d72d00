package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.protobuf.KubernetesProtobuf;
import io.keelson.apiserver.request.MediaType;
import io.keelson.apiserver.resource.GroupVersion;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.schema.BuiltInSchemas;
import io.keelson.apiserver.schema.Schema;

/**
 * Objects as they stand in the store, in JSON or in protobuf, as a kube-apiserver writes and reads them. Those of another
 * version are brought into the one that is worked with.
 *
 * <p>What is read has the defaults of new objects, also if whoever wrote it left them out: another program, or a version
 * that did not have them yet. Without them, a change of its metadata would be taken for one of what was filled in. They are
 * those of the version that is stored first, then, once converted, those of the kind, as they are for what a client sends.
 * Nothing is written for that; a write that changes nothing else stores them.
 *
 * <p>Reading fills the tree in that it has just made, in one walk along its fields: no object is copied for it, and where
 * all is there nothing is set.
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
        GroupVersion stored = GroupVersion.parse(apiVersion);
        if (resource.custom()) {
            // The definition may have changed since.
            resource.strategy().restore(object, stored.version());
        } else {
            fillIn(resource, stored, object);
        }
        String working = resource.workedOnAs().toString();
        if (!apiVersion.equals(working)) {
            object = resource.conversion().convert(object, stored.version(), resource.workedOnIn());
            ObjectMeta.setApiVersion(object, working);
        }
        if (!resource.custom()) {
            applyDefaults(resource, object);
        }
        return object;
    }

    private static void fillIn(Resource resource, GroupVersion stored, ObjectNode object) {
        Schema schema = BuiltInSchemas.find(
                stored.group(), stored.version(), resource.kind().kind());
        if (schema == null) {
            // A version from before those that there are now.
            return;
        }
        try {
            SchemaForm.fillIn(object, schema);
        } catch (MalformedException e) {
            // An amount or a time that is none: who lists the kind sees the rest all the same, and can repair or delete
            // it.
        }
    }

    private static void applyDefaults(Resource resource, ObjectNode object) {
        try {
            resource.strategy().applyDefaults(object);
        } catch (MalformedException e) {
            // As above.
        }
    }
}
