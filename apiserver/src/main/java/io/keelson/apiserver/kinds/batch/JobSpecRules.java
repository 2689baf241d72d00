package io.keelson.apiserver.kinds.batch;

import io.keelson.apiserver.kinds.pod.PodTemplateRules;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.validation.Formats;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What is wrong with the specification of a job, by itself or in a job by the clock. */
final class JobSpecRules {
    private static final int COMPLETIONS_WITHOUT_LIMITS = 100_000;
    private static final int FEW_AT_ONCE = 10_000;
    private static final int RULES_MAX = 20;
    private static final int EXIT_CODES_MAX = 255;
    private static final int MANAGED_BY_CHARS_MAX = 63;
    private static final int INDEXES_BYTES_MAX = 64 * 1024;

    private JobSpecRules() {}

    static void validate(Place spec) {
        for (String field : List.of(
                "parallelism",
                "completions",
                "activeDeadlineSeconds",
                "backoffLimit",
                "ttlSecondsAfterFinished",
                "backoffLimitPerIndex",
                "maxFailedIndexes")) {
            spec.at(field).notNegative();
        }
        if (spec.at("maxFailedIndexes").present()
                && spec.at("backoffLimitPerIndex").absent()) {
            spec.at("backoffLimitPerIndex").required("when maxFailedIndexes is specified");
        }
        Place managedBy = spec.at("managedBy");
        if (managedBy.present()) {
            Formats.domainPrefixedPath(managedBy);
            if (managedBy.text().length() > MANAGED_BY_CHARS_MAX) {
                managedBy.tooLong(MANAGED_BY_CHARS_MAX);
            }
        }
        spec.at("completionMode").oneOfIfPresent("NonIndexed", "Indexed");
        if (spec.at("completionMode").is("Indexed")) {
            indexed(spec);
        } else {
            for (String field : List.of("backoffLimitPerIndex", "maxFailedIndexes", "successPolicy")) {
                if (spec.at(field).present()) {
                    spec.at(field).invalid("requires indexed completion mode");
                }
            }
        }
        failurePolicy(spec);
        if (spec.at("successPolicy").present() && spec.at("completionMode").is("Indexed")) {
            successPolicy(spec, spec.at("successPolicy", "rules"));
        }
        Place replacement = spec.at("podReplacementPolicy");
        if (spec.at("podFailurePolicy").present()) {
            replacement.oneOfIfPresent("Failed");
        } else {
            replacement.oneOfIfPresent("Failed", "TerminatingOrFailed");
        }
        PodTemplateRules.validate(spec.at("template"));
        restartPolicy(spec);
    }

    private static void indexed(Place spec) {
        Place completions = spec.at("completions");
        Place parallelism = spec.at("parallelism");
        Place failed = spec.at("maxFailedIndexes");
        if (completions.absent()) {
            completions.required("when completion mode is Indexed");
        }
        if (parallelism.number() > COMPLETIONS_WITHOUT_LIMITS) {
            parallelism.invalid(
                    "must be less than or equal to " + COMPLETIONS_WITHOUT_LIMITS + " when completion mode is Indexed");
        }
        if (completions.present() && failed.number() > completions.number()) {
            failed.invalid("must be less than or equal to completions");
        }
        if (failed.number() > COMPLETIONS_WITHOUT_LIMITS) {
            failed.invalid("must be less than or equal to " + COMPLETIONS_WITHOUT_LIMITS);
        }
        if (completions.number() > COMPLETIONS_WITHOUT_LIMITS
                && spec.at("backoffLimitPerIndex").present()) {
            if (failed.absent()) {
                failed.required("must be specified when completions is above " + COMPLETIONS_WITHOUT_LIMITS);
            }
            for (Place limited : List.of(parallelism, failed)) {
                if (limited.number() > FEW_AT_ONCE) {
                    limited.invalid("must be less than or equal to " + FEW_AT_ONCE + " when completions are above "
                            + COMPLETIONS_WITHOUT_LIMITS + " and used with backoff limit per index");
                }
            }
        }
    }

    private static void restartPolicy(Place spec) {
        Place policy = spec.at("template", "spec", "restartPolicy");
        switch (policy.text()) {
            case "Always", "" -> policy.required("valid values: \"OnFailure\", \"Never\"");
            case "OnFailure" -> {
                if (spec.at("podFailurePolicy").present()) {
                    policy.invalid("only \"Never\" is supported when podFailurePolicy is specified");
                }
            }
            case "Never" -> {}
            default -> policy.notSupported("OnFailure", "Never");
        }
    }

    private static void failurePolicy(Place spec) {
        Place rules = spec.at("podFailurePolicy", "rules");
        if (rules.size() > RULES_MAX) {
            rules.tooMany(RULES_MAX);
        }
        Set<String> containers = new HashSet<>();
        for (String kind : List.of("containers", "initContainers")) {
            spec.at("template", "spec", kind)
                    .items()
                    .forEach(container -> containers.add(container.at("name").text()));
        }
        for (Place rule : rules.items()) {
            Place action = rule.at("action");
            if (action.empty()) {
                action.required("valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]");
            } else if (action.is("FailIndex")) {
                if (spec.at("backoffLimitPerIndex").absent()) {
                    action.invalid("requires the backoffLimitPerIndex to be set");
                }
            } else {
                action.oneOf("Count", "FailIndex", "FailJob", "Ignore");
            }
            boolean codes = rule.at("onExitCodes").present();
            boolean conditions = rule.at("onPodConditions").size() > 0;
            if (codes) {
                exitCodes(rule.at("onExitCodes"), containers);
            }
            podConditions(rule.at("onPodConditions"));
            if (codes && conditions) {
                rule.invalid("specifying both OnExitCodes and OnPodConditions is not supported");
            } else if (!codes && !conditions) {
                rule.invalid("specifying one of OnExitCodes and OnPodConditions is required");
            }
        }
    }

    private static void podConditions(Place patterns) {
        if (patterns.size() > RULES_MAX) {
            patterns.tooMany(RULES_MAX);
        }
        for (Place pattern : patterns.items()) {
            pattern.at("type").check(Names::qualifiedName);
            Place status = pattern.at("status");
            if (status.empty()) {
                status.required("valid values: [\"False\" \"True\" \"Unknown\"]");
            } else {
                status.oneOf("False", "True", "Unknown");
            }
        }
    }

    private static void exitCodes(Place codes, Set<String> containers) {
        Place operator = codes.at("operator");
        if (operator.empty()) {
            operator.required("valid values: [\"In\" \"NotIn\"]");
        } else {
            operator.oneOf("In", "NotIn");
        }
        Place container = codes.at("containerName");
        if (container.present() && !containers.contains(container.text())) {
            container.invalid("must be one of the container or initContainer names in the pod template");
        }
        Place values = codes.at("values");
        if (values.size() == 0) {
            values.invalid("at least one value is required");
        } else if (values.size() > EXIT_CODES_MAX) {
            values.tooMany(EXIT_CODES_MAX);
        }
        boolean ordered = true;
        long previous = Long.MIN_VALUE;
        Set<Long> seen = new HashSet<>();
        for (Place value : values.items()) {
            if (operator.is("In") && value.number() == 0) {
                value.invalid("must not be 0 for the In operator");
            }
            if (!seen.add(value.number())) {
                value.duplicate();
            }
            ordered &= previous <= value.number();
            previous = value.number();
        }
        if (!ordered) {
            values.invalid("must be ordered");
        }
    }

    private static void successPolicy(Place spec, Place rules) {
        if (rules.size() == 0) {
            rules.required("at least one rules must be specified when the successPolicy is specified");
        }
        if (rules.size() > RULES_MAX) {
            rules.tooMany(RULES_MAX);
        }
        long completions = spec.at("completions").number();
        for (Place rule : rules.items()) {
            Place indexes = rule.at("succeededIndexes");
            Place count = rule.at("succeededCount");
            if (indexes.absent() && count.absent()) {
                rule.required("at least one of succeededCount or succeededIndexes must be specified");
            }
            long named = 0;
            if (indexes.present()) {
                if (indexes.text().length() > INDEXES_BYTES_MAX) {
                    indexes.tooLong(INDEXES_BYTES_MAX);
                }
                try {
                    named = Indexes.count(indexes.text(), completions);
                } catch (MalformedException e) {
                    indexes.invalid("error parsing succeededIndexes: " + e.message());
                }
            }
            count.notNegative();
            if (count.number() > completions) {
                count.invalid(
                        "must be less than or equal to " + completions + " (the number of specified completions)");
            }
            if (indexes.present() && count.number() > named) {
                count.invalid("must be less than or equal to " + named
                        + " (the number of indexes in the specified succeededIndexes field)");
            }
        }
    }
}
