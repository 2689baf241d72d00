package io.keelson.apiserver.crd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.ObjectMeta;
import java.util.ArrayList;
import java.util.List;

/**
 * A CustomResourceDefinition, read.
 *
 * @param spec all of it, not to be changed: two definitions with equal ones define the same
 * @param conversion {@code spec.conversion}
 */
record Definition(
        String name,
        ObjectNode spec,
        String group,
        boolean namespaced,
        DefinedNames names,
        List<DefinedVersion> versions,
        JsonNode conversion) {
    Definition {
        versions = List.copyOf(versions);
    }

    /**
     * @param object as it is cached; stays as it is
     * @throws MalformedException if something is in the store that was never checked
     */
    static Definition of(ObjectNode object) {
        if (!(object.path("spec") instanceof ObjectNode spec)) {
            throw new MalformedException("the definition has no spec");
        }
        List<DefinedVersion> versions = new ArrayList<>();
        boolean open = spec.path("preserveUnknownFields").asBoolean();
        spec.path("versions").forEach(version -> versions.add(DefinedVersion.of(version, open)));
        Definition definition = new Definition(
                ObjectMeta.name(object),
                spec,
                spec.path("group").asText(""),
                spec.path("scope").asText("").equals("Namespaced"),
                DefinedNames.of(spec.path("names")),
                versions,
                spec.path("conversion"));
        if (versions.stream().filter(DefinedVersion::storage).count() != 1) {
            throw new MalformedException("the definition does not say in which version objects are stored");
        }
        if (!definition.name.equals(definition.names.plural() + "." + definition.group)) {
            throw new MalformedException("the definition is not named after what it defines");
        }
        return definition;
    }

    DefinedVersion stored() {
        return versions.stream().filter(DefinedVersion::storage).findFirst().orElseThrow();
    }
}
