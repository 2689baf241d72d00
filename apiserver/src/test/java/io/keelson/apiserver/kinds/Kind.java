package io.keelson.apiserver.kinds;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.object.Yaml;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.WriteContext;
import io.keelson.apiserver.schema.Defaulting;
import io.keelson.apiserver.validation.FieldError;
import io.keelson.apiserver.validation.FieldErrors;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A kind as tests look at it: objects are written in YAML, and go the way that they go in the server. */
record Kind(Resource resource) {
    static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");

    static Kind of(String name) {
        return new Kind(BuiltInKinds.resources().stream()
                .filter(resource -> resource.name().toString().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("There is no " + name)));
    }

    static ObjectNode read(String yaml) {
        return Yaml.parseObject(yaml.getBytes(StandardCharsets.UTF_8), new ArrayList<>());
    }

    /** With everything that was left out. */
    ObjectNode defaulted(String yaml) {
        return defaulted(read(yaml));
    }

    private ObjectNode defaulted(ObjectNode object) {
        Defaulting.apply(object, resource.versions().getFirst().schema());
        resource.strategy().applyDefaults(object);
        return object;
    }

    /** What a client is warned of that creates an object. */
    List<String> warningsOf(String yaml) {
        List<String> warnings = new ArrayList<>();
        resource.strategy().warn(created(yaml, warnings), null, warnings);
        return warnings;
    }

    /** What a client is warned of that changes an object, so that it is of another generation if it wants something else. */
    List<String> warningsOfChange(String before, String after) {
        ObjectNode old = created(before);
        ObjectNode object = changed(before, after);
        if (!before.equals(after)) {
            ObjectMeta.setGeneration(object, 2);
        }
        List<String> warnings = new ArrayList<>();
        resource.strategy().warn(object, old, warnings);
        return warnings;
    }

    /** As it goes into the store, if it is right. */
    ObjectNode created(String yaml) {
        return created(yaml, new ArrayList<>());
    }

    private ObjectNode created(String yaml, List<String> warnings) {
        ObjectNode object = defaulted(yaml);
        if (resource.namespaced()) {
            ObjectMeta.setNamespace(object, "default");
        }
        ObjectMeta.setUid(object, "0f8f1f0c-9f0e-4f3e-8a35-0d3f5e6b7a11");
        ObjectMeta.setCreationTimestamp(object, NOW);
        ObjectMeta.setGeneration(object, 1);
        resource.strategy().dropDisabled(object, null);
        resource.strategy().prepareForCreate(context(warnings), object);
        return object;
    }

    private static WriteContext context() {
        return context(new ArrayList<>());
    }

    private static WriteContext context(List<String> warnings) {
        return new WriteContext(new UserInfo("jane", "", List.of(), Map.of()), NOW, false, warnings);
    }

    /** What is wrong with a new object. */
    List<String> errorsOf(String yaml) {
        FieldErrors errors = new FieldErrors();
        resource.strategy().validate(created(yaml), errors);
        return texts(errors);
    }

    /** What becomes of an object that was created by one text when it is replaced by another. */
    ObjectNode changed(String before, String after) {
        ObjectNode old = created(before);
        ObjectMeta.setResourceVersion(old, 7);
        ObjectNode object = defaulted(after);
        ObjectNode metadata = ObjectMeta.metadata(object);
        old.path("metadata").properties().forEach(field -> {
            if (!metadata.has(field.getKey())) {
                metadata.set(field.getKey(), field.getValue());
            }
        });
        resource.strategy().dropDisabled(object, old);
        resource.strategy().prepareForUpdate(context(), object, old);
        return object;
    }

    /** What is wrong with replacing an object that was created by one text by another. */
    List<String> errorsOfChange(String before, String after) {
        ObjectNode old = created(before);
        ObjectMeta.setResourceVersion(old, 7);
        FieldErrors errors = new FieldErrors();
        ObjectNode object = changed(before, after);
        resource.strategy().validateChanged(object, old, errors);
        return texts(errors);
    }

    /** What is wrong with a change of the status. */
    List<String> errorsOfStatusChange(String yaml, Consumer<ObjectNode> change) {
        return errorsOfStatusChange(yaml, old -> {}, change);
    }

    /** What becomes of an object when its status is written, by way of which somebody tries to change it. */
    ObjectNode statusChanged(String yaml, Consumer<ObjectNode> change) {
        return statusChanged(yaml, old -> {}, change);
    }

    /** The same, of an object that was brought into some state before. */
    ObjectNode statusChanged(String yaml, Consumer<ObjectNode> before, Consumer<ObjectNode> change) {
        ObjectNode old = created(yaml);
        before.accept(old);
        ObjectNode object = old.deepCopy();
        change.accept(object);
        resource.strategy().prepareForStatusUpdate(context(), object, old);
        return object;
    }

    /** What is wrong with a change of the status that was brought into some state before. */
    List<String> errorsOfStatusChange(String yaml, Consumer<ObjectNode> before, Consumer<ObjectNode> change) {
        ObjectNode old = created(yaml);
        ObjectMeta.setResourceVersion(old, 7);
        before.accept(old);
        ObjectNode object = old.deepCopy();
        change.accept(object);
        resource.strategy().prepareForStatusUpdate(context(), object, old);
        FieldErrors errors = new FieldErrors();
        resource.strategy().validateStatusUpdate(object, old, errors);
        return texts(errors);
    }

    private static List<String> texts(FieldErrors errors) {
        return errors.list().stream().map(FieldError::toString).toList();
    }
}
