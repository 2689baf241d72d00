package io.keelson.apiserver.kinds.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.kinds.common.SpecAndStatus;
import io.keelson.apiserver.kinds.pod.DisabledPodFields;
import io.keelson.apiserver.kinds.pod.PodDefaults;
import io.keelson.apiserver.kinds.pod.PodTemplateRules;
import io.keelson.apiserver.kinds.pod.PodWarnings;
import io.keelson.apiserver.object.LabelSelector;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.resource.GarbageCollection;
import io.keelson.apiserver.resource.WriteContext;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.LabelValidation;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import io.keelson.apiserver.validation.SemanticEquality;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Jobs. Unless they choose their pods themselves, they get a selector that chooses by the job's uid. */
public final class JobStrategy extends SpecAndStatus {
    private static final int COMPLETIONS_MANY = 100_000;
    private static final int PARALLEL_MANY = 10_000;

    private static final String PREFIX = "batch.kubernetes.io/";
    private static final List<String> FIXED = List.of(
            "selector", "completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy");

    @Override
    public GarbageCollection garbageCollection() {
        return GarbageCollection.ORPHAN;
    }

    @Override
    public String deletionWarning() {
        return "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove"
                + " them or set propagationPolicy=Orphan to suppress this warning";
    }

    @Override
    public void applyDefaults(ObjectNode job) {
        ObjectNode spec = Fill.object(job, "spec");
        if (!spec.hasNonNull("completions") && !spec.hasNonNull("parallelism")) {
            spec.put("completions", 1);
        }
        Fill.number(spec, "parallelism", 1);
        Fill.number(spec, "backoffLimit", spec.hasNonNull("backoffLimitPerIndex") ? Integer.MAX_VALUE : 6);
        Fill.text(spec, "completionMode", "NonIndexed");
        Fill.flag(spec, "suspend", false);
        boolean policy = spec.path("podFailurePolicy").isObject();
        Fill.text(spec, "podReplacementPolicy", policy ? "Failed" : "TerminatingOrFailed");
        failurePolicy(spec);
        JsonNode labels = spec.path("template").path("metadata").path("labels");
        ObjectNode metadata = Fill.object(job, "metadata");
        if (metadata.path("labels").isEmpty() && !labels.isEmpty()) {
            metadata.set("labels", labels.deepCopy());
        }
        PodDefaults.template(spec.path("template"));
    }

    @Override
    public void dropDisabled(ObjectNode job, @Nullable ObjectNode old) {
        DisabledPodFields.OF_TEMPLATE.drop(job, old);
    }

    static void failurePolicy(ObjectNode spec) {
        for (JsonNode rule : spec.path("podFailurePolicy").path("rules")) {
            for (ObjectNode pattern : Fill.objects(rule.path("onPodConditions"))) {
                Fill.text(pattern, "status", "True");
            }
        }
    }

    @Override
    public void prepareForCreate(WriteContext context, ObjectNode job) {
        super.prepareForCreate(context, job);
        ObjectNode spec = Fill.object(job, "spec");
        if (!spec.path("manualSelector").asBoolean()) {
            ownSelector(job, spec);
        }
    }

    private static void ownSelector(ObjectNode job, ObjectNode spec) {
        String name = job.path("metadata").path("name").asText("");
        String uid = job.path("metadata").path("uid").asText("");
        ObjectNode labels = Fill.object(Fill.object(Fill.object(spec, "template"), "metadata"), "labels");
        for (Map.Entry<String, String> label : List.of(Map.entry("job-name", name), Map.entry("controller-uid", uid))) {
            if (!labels.has(PREFIX + label.getKey())) {
                labels.put(label.getKey(), label.getValue());
                labels.put(PREFIX + label.getKey(), label.getValue());
            }
        }
        ObjectNode matched = Fill.object(Fill.object(spec, "selector"), "matchLabels");
        if (!matched.has(PREFIX + "controller-uid")) {
            matched.put(PREFIX + "controller-uid", uid);
        }
    }

    @Override
    public void validate(ObjectNode job, FieldErrors errors) {
        Place whole = Place.of(job, errors);
        Place spec = whole.at("spec");
        boolean created = whole.at("metadata", "resourceVersion").empty();
        if (created) {
            ownSelectorIsThere(whole, spec);
        }
        JobSpecRules.validate(spec);
        if (spec.at("selector").absent()) {
            spec.at("selector").required("");
        } else {
            LabelValidation.selector(spec.at("selector"));
        }
        PodTemplateRules.mustMatch(spec.at("template"), spec.at("selector"));
        long completions = spec.at("completions").number();
        if (created && spec.at("completionMode").is("Indexed") && completions > 0) {
            String hostname = whole.at("metadata", "name").text() + "-" + (completions - 1);
            if (!Names.dnsLabel(hostname).isEmpty()) {
                whole.at("metadata", "name").invalid("will not able to create pod with invalid DNS label: " + hostname);
            }
        }
    }

    private static void ownSelectorIsThere(Place whole, Place spec) {
        if (spec.at("manualSelector").flag() || spec.at("selector").absent()) {
            return;
        }
        Place uid = whole.at("metadata", "uid");
        uid.mustBeFilled();
        String name = whole.at("metadata", "name").text();
        Map<String, String> expected = Map.of(
                "controller-uid",
                uid.text(),
                "job-name",
                name,
                PREFIX + "controller-uid",
                uid.text(),
                PREFIX + "job-name",
                name);
        Place labels = spec.at("template", "metadata", "labels");
        for (String label : List.of("controller-uid", "job-name", PREFIX + "controller-uid", PREFIX + "job-name")) {
            String value = expected.getOrDefault(label, "");
            Place there = labels.at(label).as(labels.path().key(label));
            if (there.absent()) {
                there.required("must be '" + value + "'");
            } else if (!there.is(value)) {
                there.invalid(labels.value(), "must be '" + value + "'");
            }
        }
        try {
            if (!LabelSelector.of(spec.at("selector").value()).matches(expected)) {
                spec.at("selector").invalid("`selector` not auto-generated");
            }
        } catch (MalformedException e) {
            // What is wrong with the selector is said where it stands.
        }
    }

    @Override
    public void validateUpdate(ObjectNode job, ObjectNode old, FieldErrors errors) {
        Place spec = Place.of(job, errors).at("spec");
        JsonNode before = old.path("spec");
        completions(spec, before);
        for (String field : FIXED) {
            spec.at(field).mustEqual(before.path(field));
        }
        JsonNode template = before.path("template");
        if (rests(old) && template instanceof ObjectNode was) {
            template = withChangeableOf(spec.at("template").value(), was.deepCopy());
        }
        if (!SemanticEquality.equal(spec.at("template").value(), template)) {
            spec.at("template").invalid("field is immutable");
        }
    }

    private static void completions(Place spec, JsonNode before) {
        Place completions = spec.at("completions");
        if (SemanticEquality.equal(completions.value(), before.path("completions"))) {
            return;
        }
        if (!spec.at("completionMode").is("Indexed")) {
            completions.invalid("field is immutable");
        } else if (completions.present()
                && completions.number() != spec.at("parallelism").number()) {
            completions.invalid("can only be modified in tandem with spec.parallelism");
        }
    }

    /** Whether a job is suspended, and none of its pods run: before it begins, or when its controller has stopped them. */
    private static boolean rests(ObjectNode job) {
        JsonNode status = job.path("status");
        return job.path("spec").path("suspend").asBoolean()
                && status.path("active").asLong() == 0
                && (status.path("startTime").asText("").isEmpty() || isSaidToBeSuspended(status));
    }

    private static boolean isSaidToBeSuspended(JsonNode status) {
        for (JsonNode condition : status.path("conditions")) {
            if (condition.path("type").asText("").equals("Suspended")
                    && condition.path("status").asText("").equals("True")) {
                return true;
            }
        }
        return false;
    }

    /**
     * A job that rests may be told where to run, and what its containers get: these parts of the old template are taken
     * from the new one.
     */
    private static ObjectNode withChangeableOf(JsonNode template, ObjectNode old) {
        ObjectNode spec = Fill.object(old, "spec");
        ObjectNode affinity = Fill.object(spec, "affinity");
        JsonNode nodes = template.path("spec").path("affinity").path("nodeAffinity");
        if (nodes.isMissingNode()) {
            affinity.remove("nodeAffinity");
        } else {
            affinity.set("nodeAffinity", nodes);
        }
        if (template instanceof ObjectNode now && now.path("spec") instanceof ObjectNode newSpec) {
            for (String field : List.of("nodeSelector", "tolerations", "schedulingGates")) {
                Fill.copy(newSpec, spec, field);
            }
            resources(newSpec.path("containers"), spec.path("containers"));
            resources(newSpec.path("initContainers"), spec.path("initContainers"));
            ObjectNode metadata = Fill.object(old, "metadata");
            for (String field : List.of("annotations", "labels")) {
                JsonNode value = now.path("metadata").path(field);
                if (value.isMissingNode()) {
                    metadata.remove(field);
                } else {
                    metadata.set(field, value);
                }
            }
        }
        return old;
    }

    /** Containers are told apart by their places: where others stand in them, the templates differ in more. */
    private static void resources(JsonNode from, JsonNode to) {
        for (int i = 0; i < Math.min(from.size(), to.size()); i++) {
            if (from.get(i) instanceof ObjectNode now && to.get(i) instanceof ObjectNode was) {
                Fill.copy(now, was, "resources");
            }
        }
    }

    @Override
    public void validateStatusUpdate(ObjectNode job, ObjectNode old, FieldErrors errors) {
        JobStatusRules.validate(Place.of(job, errors), old);
    }

    @Override
    public Map<String, String> selectableFields(ObjectNode job) {
        return Map.of(
                "status.successful",
                Long.toString(job.path("status").path("succeeded").asLong()));
    }

    @Override
    public void warn(ObjectNode job, @Nullable ObjectNode old, List<String> warnings) {
        PodWarnings.tellOfName(job, old, warnings);
        if (PodWarnings.isOther(job, old)) {
            tellOfSpec(job.path("spec"), "spec", warnings);
        }
    }

    /** Of what a job, or a template of jobs, wants. */
    static void tellOfSpec(JsonNode spec, String path, List<String> warnings) {
        boolean indexed = spec.path("completionMode").asText("").equals("Indexed");
        if (indexed
                && spec.path("completions").asLong() > COMPLETIONS_MANY
                && spec.path("parallelism").asLong() > PARALLEL_MANY) {
            warnings.add(
                    path + ": In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher"
                            + " than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes"
                            + " fail");
        }
        PodWarnings.tellOfTemplate(spec.path("template"), path + ".template", warnings);
    }
}
