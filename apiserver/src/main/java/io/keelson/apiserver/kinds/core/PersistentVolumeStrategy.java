package io.keelson.apiserver.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.kinds.common.SpecAndStatus;
import io.keelson.apiserver.kinds.pod.Differences;
import io.keelson.apiserver.kinds.pod.PersistentVolumeRules;
import io.keelson.apiserver.kinds.pod.ResourceDefaults;
import io.keelson.apiserver.kinds.pod.VolumeDefaults;
import io.keelson.apiserver.kinds.pod.VolumeWarnings;
import io.keelson.apiserver.resource.WriteContext;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import io.keelson.apiserver.validation.Place;
import io.keelson.apiserver.validation.SemanticEquality;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Persistent volumes. */
public final class PersistentVolumeStrategy extends SpecAndStatus {
    private static final FieldPath SOURCE = FieldPath.of("spec", "persistentvolumesource");

    @Override
    public boolean returnsDeleted() {
        return true;
    }

    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public void applyDefaults(ObjectNode volume) {
        ObjectNode spec = Fill.object(volume, "spec");
        Fill.text(spec, "persistentVolumeReclaimPolicy", "Retain");
        Fill.text(spec, "volumeMode", "Filesystem");
        ResourceDefaults.canonical(spec.path("capacity"));
        VolumeDefaults.source(spec);
        if (volume.path("status") instanceof ObjectNode status) {
            Fill.text(status, "phase", "Pending");
        }
    }

    @Override
    public void prepareForCreate(WriteContext context, ObjectNode volume) {
        volume.putObject("status")
                .put("phase", "Pending")
                .put(
                        "lastPhaseTransitionTime",
                        context.now().truncatedTo(ChronoUnit.SECONDS).toString());
    }

    @Override
    public void prepareForStatusUpdate(WriteContext context, ObjectNode volume, ObjectNode old) {
        super.prepareForStatusUpdate(context, volume, old);
        JsonNode before = old.path("status");
        ObjectNode status = Fill.object(volume, "status");
        boolean timed = !status.path("lastPhaseTransitionTime")
                .asText("")
                .equals(before.path("lastPhaseTransitionTime").asText(""));
        if (!timed
                && !status.path("phase").asText("").equals(before.path("phase").asText(""))) {
            status.put(
                    "lastPhaseTransitionTime",
                    context.now().truncatedTo(ChronoUnit.SECONDS).toString());
        }
    }

    @Override
    public void validate(ObjectNode volume, FieldErrors errors) {
        Place whole = Place.of(volume, errors);
        PersistentVolumeRules.spec(
                whole.at("spec"), whole.at("metadata", "name").text());
    }

    @Override
    public void validateUpdate(ObjectNode volume, ObjectNode old, FieldErrors errors) {
        ObjectNode source = PersistentVolumeRules.sourceOf(volume.path("spec"));
        ObjectNode before = PersistentVolumeRules.sourceOf(old.path("spec"));
        String secret = "controllerExpandSecretRef";
        if (source.path("csi") instanceof ObjectNode csi
                && before.path("csi").isObject()
                && !before.path("csi").hasNonNull(secret)) {
            csi.remove(secret);
        }
        if (!SemanticEquality.equal(source, before)) {
            errors.forbidden(
                    SOURCE,
                    "spec.persistentvolumesource is immutable after creation\n"
                            + Differences.between(SOURCE, before, source));
        }
        Place spec = Place.of(volume, errors).at("spec");
        spec.at("volumeMode")
                .as(FieldPath.of("volumeMode"))
                .mustEqual(old.path("spec").path("volumeMode"));
        JsonNode affinity = old.path("spec").path("nodeAffinity");
        if (affinity.isObject()
                && !SemanticEquality.equal(spec.at("nodeAffinity").value(), affinity)) {
            spec.at("nodeAffinity")
                    .as(FieldPath.of("nodeAffinity"))
                    .invalid("field is immutable, except for updating from beta label to GA");
        }
        String attributes = "volumeAttributesClassName";
        if (old.path("spec").hasNonNull(attributes) && spec.at(attributes).absent()) {
            spec.at(attributes).forbidden("update from non-nil value to nil is forbidden");
        }
    }

    @Override
    public void warn(ObjectNode volume, @Nullable ObjectNode old, List<String> warnings) {
        VolumeWarnings.tellOfPersistentVolume(volume, warnings);
    }
}
