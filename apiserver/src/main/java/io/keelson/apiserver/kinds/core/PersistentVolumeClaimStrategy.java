package io.keelson.apiserver.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.kinds.common.ObjectRules;
import io.keelson.apiserver.kinds.common.SpecAndStatus;
import io.keelson.apiserver.kinds.pod.ClaimRules;
import io.keelson.apiserver.kinds.pod.Differences;
import io.keelson.apiserver.kinds.pod.ResourceDefaults;
import io.keelson.apiserver.kinds.pod.VolumeDefaults;
import io.keelson.apiserver.kinds.pod.VolumeWarnings;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.Quantity;
import io.keelson.apiserver.resource.WriteContext;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import io.keelson.apiserver.validation.Place;
import io.keelson.apiserver.validation.SemanticEquality;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Claims for persistent volumes. */
public final class PersistentVolumeClaimStrategy extends SpecAndStatus {
    private static final String CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class";
    private static final String ATTRIBUTES = "volumeAttributesClassName";

    @Override
    public boolean returnsDeleted() {
        return true;
    }

    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public void applyDefaults(ObjectNode claim) {
        VolumeDefaults.claimSpec(Fill.object(claim, "spec"));
        if (claim.path("status") instanceof ObjectNode status) {
            Fill.text(status, "phase", "Pending");
            ResourceDefaults.canonical(status.path("capacity"));
            ResourceDefaults.canonical(status.path("allocatedResources"));
        }
    }

    @Override
    protected void firstStatus(ObjectNode status) {
        status.put("phase", "Pending");
    }

    @Override
    public void prepareForCreate(WriteContext context, ObjectNode claim) {
        super.prepareForCreate(context, claim);
        bothSources(Fill.object(claim, "spec"));
    }

    @Override
    public void prepareForUpdate(WriteContext context, ObjectNode claim, ObjectNode old) {
        super.prepareForUpdate(context, claim, old);
        if (!old.path("spec").hasNonNull("dataSourceRef")) {
            return;
        }
        bothSources(Fill.object(claim, "spec"));
    }

    /** What the volume is filled from has an old field and a new one, which say the same within a namespace. */
    private static void bothSources(ObjectNode spec) {
        JsonNode source = spec.path("dataSource");
        JsonNode reference = spec.path("dataSourceRef");
        if (reference.path("namespace").asText("").isEmpty()) {
            if (source.isObject() && !reference.isObject()) {
                spec.set("dataSourceRef", source.deepCopy());
            } else if (reference instanceof ObjectNode there && !source.isObject()) {
                spec.set("dataSource", there.deepCopy().without("namespace"));
            }
        }
    }

    @Override
    public void validate(ObjectNode claim, FieldErrors errors) {
        ClaimRules.spec(Place.of(claim, errors).at("spec"));
    }

    @Override
    public void validateUpdate(ObjectNode claim, ObjectNode old, FieldErrors errors) {
        Place whole = Place.of(claim, errors);
        Place spec = whole.at("spec");
        if (!(old.path("spec") instanceof ObjectNode oldSpec) || !(spec.value() instanceof ObjectNode newSpec)) {
            return;
        }
        boolean bound = claim.path("status").path("phase").asText().equals("Bound");
        ObjectNode now = newSpec.deepCopy();
        ObjectNode before = oldSpec.deepCopy();
        if (before.path("volumeName").asText("").isEmpty()) {
            Fill.copy(now, before, "volumeName");
        }
        storageClass(whole, old, now, before);
        if (bound && now.path("resources").path("requests") instanceof ObjectNode requests) {
            JsonNode size = before.path("resources").path("requests").path("storage");
            if (size.isMissingNode()) {
                requests.remove("storage");
            } else {
                requests.set("storage", size);
            }
        }
        if (bound && now.hasNonNull(ATTRIBUTES)) {
            Fill.copy(before, now, ATTRIBUTES);
        }
        if (!SemanticEquality.equal(now, before)) {
            spec.forbidden(
                    "spec is immutable after creation except resources.requests and volumeAttributesClassName for"
                            + " bound claims\n" + Differences.between(spec.path(), before, now));
        }
        shrinking(spec, oldSpec, old.path("status").path("capacity").path("storage"));
        spec.at("volumeMode").as(FieldPath.of("volumeMode")).mustEqual(oldSpec.path("volumeMode"));
        if (oldSpec.hasNonNull(ATTRIBUTES)) {
            Place attributes = spec.at(ATTRIBUTES);
            if (attributes.absent()) {
                attributes.forbidden("update from non-nil value to nil is forbidden");
            } else if (attributes.empty()) {
                attributes.forbidden("update from non-nil value to an empty string is forbidden");
            }
        }
    }

    /** A class that an annotation stated, or nobody yet, may be stated in its field; anything else stays. */
    private static void storageClass(Place whole, ObjectNode old, ObjectNode now, ObjectNode before) {
        String stated = now.path("storageClassName").asText("");
        JsonNode oldAnnotation = old.path("metadata").path("annotations").path(CLASS_ANNOTATION);
        Place annotation = whole.at("metadata", "annotations", CLASS_ANNOTATION);
        boolean unstated = !before.hasNonNull("storageClassName") && now.hasNonNull("storageClassName");
        boolean fits = oldAnnotation.isMissingNode() || oldAnnotation.asText().equals(stated);
        if (unstated && fits) {
            now.remove("storageClassName");
        }
        boolean upgraded = unstated && !oldAnnotation.isMissingNode() && annotation.absent();
        if (!upgraded && !annotation.is(oldAnnotation.asText(""))) {
            annotation
                    .as(FieldPath.of("metadata", "annotations").child(CLASS_ANNOTATION))
                    .invalid("field is immutable");
        }
    }

    /** Less may be asked for than before, after growing failed, but not less than there is. */
    private static void shrinking(Place spec, JsonNode oldSpec, JsonNode capacity) {
        Place storage = spec.at("resources", "requests", "storage");
        try {
            Quantity now = Quantity.of(storage.value());
            Quantity before =
                    Quantity.of(oldSpec.path("resources").path("requests").path("storage"));
            if (now.compareTo(before) < 0 && now.compareTo(Quantity.of(capacity)) <= 0) {
                storage.forbidden("field can not be less than status.capacity");
            }
        } catch (MalformedException e) {
            // What is wrong with the quantity is said where it stands.
        }
    }

    @Override
    public void validateStatusUpdate(ObjectNode claim, ObjectNode old, FieldErrors errors) {
        Place status = Place.of(claim, errors).at("status");
        for (String list : new String[] {"capacity", "allocatedResources"}) {
            status.at(list).entries().forEach(ObjectRules::notNegativeQuantity);
        }
        for (Place resize : status.at("allocatedResourceStatuses").entries()) {
            resize.oneOf(
                    "ControllerResizeInProgress",
                    "ControllerResizeInfeasible",
                    "NodeResizeInProgress",
                    "NodeResizeInfeasible",
                    "NodeResizePending");
        }
    }

    @Override
    public void warn(ObjectNode claim, @Nullable ObjectNode old, List<String> warnings) {
        VolumeWarnings.tellOfClaim(claim, warnings);
    }
}
