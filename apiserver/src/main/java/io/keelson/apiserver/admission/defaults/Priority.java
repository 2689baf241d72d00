package io.keelson.apiserver.admission.defaults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.object.ObjectMeta;
import org.jspecify.annotations.Nullable;

/**
 * Gives pods the priority of their class, or of the one that is the default, and sees to it that there is only one that is.
 */
public final class Priority implements AdmissionPlugin {
    private static final String GROUP = "scheduling.k8s.io";
    private static final String CLASSES = "priorityclasses";
    private static final String PREEMPT = "PreemptLowerPriority";

    private final ObjectLookup objects;

    public Priority(ObjectLookup objects) {
        this.objects = objects;
    }

    /** What a class means for a pod. */
    private record Meaning(String name, long value, String preemption) {
        static final Meaning NO_CLASS = new Meaning("", 0, PREEMPT);

        static Meaning of(ObjectNode priorityClass) {
            return new Meaning(
                    ObjectMeta.name(priorityClass),
                    priorityClass.path("value").asLong(),
                    priorityClass.path("preemptionPolicy").asText(""));
        }
    }

    @Override
    public String name() {
        return "Priority";
    }

    @Override
    public void mutate(AdmissionRequest request) throws InterruptedException {
        ObjectNode pod = PodWrites.written(request);
        if (pod == null) {
            return;
        }
        ObjectNode spec = PodWrites.spec(pod);
        ObjectNode old = request.old();
        if (old != null) {
            keepWhatIsLeftOut(spec, old.path("spec"));
        } else if (request.operation() == Operation.CREATE) {
            resolve(request, spec);
        }
    }

    /** Those who write a pod again need not repeat what was made up for it. */
    private static void keepWhatIsLeftOut(ObjectNode spec, JsonNode old) {
        for (String field : new String[] {"priority", "preemptionPolicy"}) {
            if (!spec.hasNonNull(field) && old.hasNonNull(field) && old instanceof ObjectNode before) {
                Fill.copy(before, spec, field);
            }
        }
    }

    private void resolve(AdmissionRequest request, ObjectNode spec) throws InterruptedException {
        Meaning meaning = meaning(request, spec.path("priorityClassName").asText(""));
        if (!meaning.name().isEmpty()) {
            spec.put("priorityClassName", meaning.name());
        }
        JsonNode priority = spec.path("priority");
        if (priority.isNumber() && priority.longValue() != meaning.value()) {
            throw request.forbidden("the integer value of priority (" + priority.longValue()
                    + ") must not be provided in pod spec; priority admission controller computed " + meaning.value()
                    + " from the given PriorityClass name");
        }
        spec.put("priority", meaning.value());
        String preemption = spec.path("preemptionPolicy").asText("");
        if (meaning.preemption().isEmpty()) {
            return;
        }
        if (!preemption.isEmpty() && !preemption.equals(meaning.preemption())) {
            throw request.forbidden("the string value of PreemptionPolicy (" + preemption
                    + ") must not be provided in pod spec; priority admission controller computed "
                    + meaning.preemption() + " from the given PriorityClass name");
        }
        spec.put("preemptionPolicy", meaning.preemption());
    }

    private Meaning meaning(AdmissionRequest request, String name) throws InterruptedException {
        if (name.isEmpty()) {
            ObjectNode byDefault = defaultClass();
            return byDefault == null ? Meaning.NO_CLASS : Meaning.of(byDefault);
        }
        ObjectNode found = objects.recent(GROUP, CLASSES, "", name);
        if (found == null) {
            found = objects.now(GROUP, CLASSES, "", name);
        }
        if (found == null) {
            throw request.forbidden("no PriorityClass with name " + name + " was found");
        }
        return Meaning.of(found);
    }

    /** Should two have become the default at the same time, the lower one is. */
    private @Nullable ObjectNode defaultClass() throws InterruptedException {
        ObjectNode lowest = null;
        for (ObjectNode candidate : objects.all(GROUP, CLASSES, "")) {
            if (candidate.path("globalDefault").asBoolean()
                    && (lowest == null
                            || candidate.path("value").asLong()
                                    < lowest.path("value").asLong())) {
                lowest = candidate;
            }
        }
        return lowest;
    }

    @Override
    public void validate(AdmissionRequest request) throws InterruptedException {
        ObjectNode priorityClass = request.concerns(GROUP, CLASSES) ? request.object() : null;
        if (priorityClass == null || !priorityClass.path("globalDefault").asBoolean()) {
            return;
        }
        ObjectNode present = defaultClass();
        if (present != null
                && (request.operation() == Operation.CREATE
                        || !ObjectMeta.name(present).equals(ObjectMeta.name(priorityClass)))) {
            throw request.forbidden("PriorityClass " + ObjectMeta.name(present)
                    + " is already marked as default. Only one default can exist");
        }
    }
}
