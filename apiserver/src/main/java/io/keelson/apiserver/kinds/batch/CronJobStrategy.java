package io.keelson.apiserver.kinds.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.kinds.common.SpecAndStatus;
import io.keelson.apiserver.kinds.pod.DisabledPodFields;
import io.keelson.apiserver.kinds.pod.PodDefaults;
import io.keelson.apiserver.kinds.pod.PodWarnings;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Place;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Jobs by the clock. */
public final class CronJobStrategy extends SpecAndStatus {
    private static final int NAME_CHARS_MAX = 52;
    private static final DisabledPodFields DISABLED = DisabledPodFields.at("/spec/jobTemplate/spec/template/spec");
    private static final Pattern PART_OF_ZONE = Pattern.compile("[A-Za-z._0-9+][A-Za-z.\\-_0-9+]{0,13}");

    @Override
    public void applyDefaults(ObjectNode job) {
        ObjectNode spec = Fill.object(job, "spec");
        Fill.text(spec, "concurrencyPolicy", "Allow");
        Fill.flag(spec, "suspend", false);
        Fill.number(spec, "successfulJobsHistoryLimit", 3);
        Fill.number(spec, "failedJobsHistoryLimit", 1);
        if (spec.path("jobTemplate").path("spec") instanceof ObjectNode jobSpec) {
            JobStrategy.failurePolicy(jobSpec);
            PodDefaults.template(jobSpec.path("template"));
        }
    }

    @Override
    public void dropDisabled(ObjectNode job, @Nullable ObjectNode old) {
        DISABLED.drop(job, old);
    }

    @Override
    public void validate(ObjectNode job, FieldErrors errors) {
        Place whole = Place.of(job, errors);
        Place spec = whole.at("spec");
        Place schedule = spec.at("schedule");
        if (schedule.empty()) {
            schedule.required("");
        } else {
            try {
                CronSchedule.check(schedule.text());
            } catch (MalformedException e) {
                schedule.invalid(e.message());
            }
        }
        spec.at("startingDeadlineSeconds").notNegative();
        spec.at("concurrencyPolicy").oneOf("Allow", "Forbid", "Replace");
        Place jobSpec = spec.at("jobTemplate", "spec");
        JobSpecRules.validate(jobSpec);
        if (jobSpec.at("selector").present()) {
            jobSpec.at("selector").invalid("`selector` will be auto-generated");
        }
        if (jobSpec.at("manualSelector").flag()) {
            jobSpec.at("manualSelector").notSupported("nil", "false");
        }
        spec.at("successfulJobsHistoryLimit").notNegative();
        spec.at("failedJobsHistoryLimit").notNegative();
        Place name = whole.at("metadata", "name");
        if (whole.at("metadata", "resourceVersion").empty()) {
            // Jobs are named after it, with a time of eleven characters behind.
            if (name.text().length() > NAME_CHARS_MAX) {
                name.invalid("must be no more than " + NAME_CHARS_MAX + " characters");
            }
            zone(spec.at("timeZone"));
            noZoneInSchedule(spec);
        }
    }

    @Override
    public void validateUpdate(ObjectNode job, ObjectNode old, FieldErrors errors) {
        Place spec = Place.of(job, errors).at("spec");
        if (!spec.at("timeZone").is(old.path("spec").path("timeZone").asText(""))) {
            zone(spec.at("timeZone"));
        }
        if (!old.path("spec").path("schedule").asText("").contains("TZ")) {
            noZoneInSchedule(spec);
        } else if (spec.at("schedule").text().contains("TZ")
                && spec.at("timeZone").present()) {
            spec.at("schedule").invalid("cannot use both timeZone field and TZ or CRON_TZ in schedule");
        }
    }

    private static void noZoneInSchedule(Place spec) {
        if (spec.at("schedule").text().contains("TZ")) {
            spec.at("schedule").invalid("cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
        }
    }

    private static void zone(Place zone) {
        if (zone.absent()) {
            return;
        }
        String name = zone.text();
        if (name.isEmpty()) {
            zone.invalid("timeZone must be nil or non-empty string");
            return;
        }
        for (String part : name.split("/", -1)) {
            if (part.equals(".")
                    || part.equals("..")
                    || !PART_OF_ZONE.matcher(part).matches()) {
                zone.invalid("unknown time zone " + name);
                return;
            }
        }
        if (name.equalsIgnoreCase("Local")) {
            zone.invalid("timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
            return;
        }
        if (!TimeZones.isKnown(name)) {
            zone.invalid("unknown time zone " + name);
        }
    }

    @Override
    public void warn(ObjectNode job, @Nullable ObjectNode old, List<String> warnings) {
        PodWarnings.tellOfName(job, old, warnings);
        JsonNode spec = job.path("spec");
        if (PodWarnings.isOther(job, old)) {
            JobStrategy.tellOfSpec(spec.path("jobTemplate").path("spec"), "spec.jobTemplate.spec", warnings);
        }
        if (old != null && spec.path("schedule").asText("").contains("TZ")) {
            // The path is the original's.
            warnings.add("cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see"
                    + " https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details");
        }
    }
}
