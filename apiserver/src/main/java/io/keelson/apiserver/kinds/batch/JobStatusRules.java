package io.keelson.apiserver.kinds.batch;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.validation.Place;
import io.keelson.apiserver.validation.SemanticEquality;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What is wrong with a change of a job's status: what has ended has ended, and counters only grow. */
final class JobStatusRules {
    private JobStatusRules() {}

    static void validate(Place job, JsonNode old) {
        Place status = job.at("status");
        Place spec = job.at("spec");
        for (String count : List.of("active", "succeeded", "failed", "ready", "terminating")) {
            status.at(count).notNegative();
        }
        uncounted(status.at("uncountedTerminatedPods"));
        boolean complete = is(status.value(), "Complete");
        boolean failed = is(status.value(), "Failed");
        conditions(status, spec, complete, failed);
        times(status, old.path("status"), spec, complete);
        if (complete || failed) {
            finished(status);
        }
        indexes(status, spec);
        if (status.at("ready").number() > status.at("active").number()) {
            status.at("ready").invalid("cannot set more ready pods than active");
        }
        changes(status, old.path("status"));
    }

    private static boolean is(JsonNode status, String type) {
        return status.path("conditions")
                .valueStream()
                .anyMatch(condition -> condition.path("type").asText().equals(type)
                        && condition.path("status").asText().equals("True"));
    }

    private static void uncounted(Place pods) {
        Set<String> seen = new HashSet<>();
        for (String list : List.of("succeeded", "failed")) {
            for (Place uid : pods.at(list).items()) {
                if (uid.empty()) {
                    uid.invalid("must not be empty");
                } else if (!seen.add(uid.text())) {
                    uid.duplicate();
                }
            }
        }
    }

    private static void conditions(Place status, Place spec, boolean complete, boolean failed) {
        Place conditions = status.at("conditions");
        boolean met = is(status.value(), "SuccessCriteriaMet");
        boolean failing = is(status.value(), "FailureTarget");
        complain(complete && failed, conditions, "cannot set Complete=True and Failed=true conditions");
        complain(complete && failing, conditions, "cannot set Complete=True and FailureTarget=true conditions");
        complain(
                failed && !failing,
                conditions,
                "cannot set Failed=True condition without the FailureTarget=true condition");
        complain(
                complete && !met,
                conditions,
                "cannot set Complete=True condition without the SuccessCriteriaMet=true condition");
        complain(met && failed, conditions, "cannot set SuccessCriteriaMet=True and Failed=true conditions");
        complain(met && failing, conditions, "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions");
        complain(
                spec.at("successPolicy").present() && complete && !met,
                conditions,
                "cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True");
    }

    private static void complain(boolean wrong, Place place, String text) {
        if (wrong) {
            place.invalid(text);
        }
    }

    private static void times(Place status, JsonNode before, Place spec, boolean complete) {
        Place completed = status.at("completionTime");
        Place started = status.at("startTime");
        complain(
                completed.filled() && !complete,
                completed,
                "cannot set completionTime when there is no Complete=True condition");
        if (completed.empty() && complete) {
            completed.required("completionTime is required for Complete jobs");
        }
        complain(earlier(completed.text(), started.text()), completed, "completionTime cannot be set before startTime");
        JsonNode completedBefore = before.path("completionTime");
        complain(
                completed.filled()
                        && completedBefore.isTextual()
                        && !SemanticEquality.equal(completed.value(), completedBefore),
                completed,
                "completionTime cannot be mutated");
        JsonNode startedBefore = before.path("startTime");
        if (startedBefore.isTextual()
                && !SemanticEquality.equal(started.value(), startedBefore)
                && !spec.at("suspend").flag()) {
            started.required("startTime cannot be removed for unsuspended job");
        }
    }

    private static boolean earlier(String time, String other) {
        try {
            return !time.isEmpty() && !other.isEmpty() && Instant.parse(time).isBefore(Instant.parse(other));
        } catch (DateTimeException e) {
            return false;
        }
    }

    private static void finished(Place status) {
        Place active = status.at("active");
        complain(active.number() > 0, active, "active>0 is invalid for finished job");
        if (status.at("startTime").empty()) {
            status.at("startTime").required("startTime is required for finished job");
        }
        Place uncounted = status.at("uncountedTerminatedPods");
        complain(
                uncounted.at("succeeded").size() + uncounted.at("failed").size() > 0,
                uncounted,
                "uncountedTerminatedPods needs to be empty for finished job");
        Place terminating = status.at("terminating");
        complain(terminating.number() > 0, terminating, "terminating>0 is invalid for finished job");
    }

    private static void indexes(Place status, Place spec) {
        boolean indexed = spec.at("completionMode").is("Indexed");
        Place completed = status.at("completedIndexes");
        Place failed = status.at("failedIndexes");
        complain(
                completed.filled() && !indexed,
                completed,
                "cannot set non-empty completedIndexes when non-indexed completion mode");
        complain(
                failed.present() && spec.at("backoffLimitPerIndex").absent(),
                failed,
                "cannot set non-null failedIndexes when backoffLimitPerIndex is null");
        if (spec.at("completions").present()) {
            parsed(completed, spec.at("completions").number());
            parsed(failed, spec.at("completions").number());
        }
    }

    private static void parsed(Place indexes, long completions) {
        try {
            Indexes.count(indexes.text(), completions);
        } catch (MalformedException e) {
            indexes.invalid("error parsing " + indexes.key() + ": " + e.message());
        }
    }

    private static void changes(Place status, JsonNode before) {
        for (String type : List.of("Failed", "Complete", "FailureTarget")) {
            complain(
                    is(before, type) && !is(status.value(), type),
                    status.at("conditions"),
                    "cannot disable the terminal " + type + "=True condition");
        }
        for (String count : List.of("failed", "succeeded")) {
            complain(
                    status.at(count).number() < before.path(count).asLong(),
                    status.at(count),
                    "cannot decrease the " + count + " counter");
        }
        complain(
                is(before, "SuccessCriteriaMet") && !is(status.value(), "SuccessCriteriaMet"),
                status.at("conditions"),
                "cannot disable the SuccessCriteriaMet=True condition");
    }
}
