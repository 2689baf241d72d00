package io.keelson.apiserver.kinds.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.SpecAndStatus;
import io.keelson.apiserver.resource.WriteContext;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.LabelValidation;
import io.keelson.apiserver.validation.Place;
import java.util.regex.Pattern;

/** Wishes that all objects of a kind be stored anew, in the version in which they are stored today. */
public final class StorageVersionMigrationStrategy extends SpecAndStatus {
    private static final Pattern NUMBER = Pattern.compile("[+-]?\\d{1,19}");

    @Override
    public boolean updatesUnconditionally() {
        return false;
    }

    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public void prepareForStatusUpdate(WriteContext context, ObjectNode migration, ObjectNode old) {
        super.prepareForStatusUpdate(context, migration, old);
        keepMetadata(migration, old);
    }

    @Override
    public void validate(ObjectNode migration, FieldErrors errors) {
        Place resource = Place.of(migration, errors).at("spec", "resource", "resource");
        if (resource.empty()) {
            resource.required("resource is required");
        }
    }

    @Override
    public void validateUpdate(ObjectNode migration, ObjectNode old, FieldErrors errors) {
        for (String field : new String[] {"group", "resource"}) {
            String before = old.path("spec").path("resource").path(field).asText("");
            Place now = Place.of(migration, errors).at("spec", "resource", field);
            if (!now.text().equals(before)) {
                now.invalid("field is immutable");
            }
        }
    }

    @Override
    public void validateStatusUpdate(ObjectNode migration, ObjectNode old, FieldErrors errors) {
        Place status = Place.of(migration, errors).at("status");
        resourceVersion(
                status.at("resourceVersion"),
                old.path("status").path("resourceVersion").asText(""));
        Place conditions = status.at("conditions");
        LabelValidation.conditions(conditions);
        boolean succeeded = isTrue(conditions.value(), "Succeeded");
        boolean failed = isTrue(conditions.value(), "Failed");
        boolean running = isTrue(conditions.value(), "Running");
        if (succeeded && failed) {
            conditions.invalid("Both success and failed conditions cannot be true at the same time");
        }
        if (succeeded && running) {
            conditions.invalid("Running condition cannot be true when success condition is true");
        }
        if (failed && running) {
            conditions.invalid("Running condition cannot be true when failed condition is true");
        }
        JsonNode before = old.path("status").path("conditions");
        if (isTrue(before, "Succeeded") && !succeeded) {
            conditions.invalid("Success condition cannot be set to false once it is true");
        }
        if (isTrue(before, "Failed") && !failed) {
            conditions.invalid("Failed condition cannot be set to false once it is true");
        }
    }

    private static void resourceVersion(Place version, String before) {
        String text = version.text();
        if (!text.isEmpty() && !NUMBER.matcher(text).matches()) {
            version.invalid("failed to parse resource version \"" + text + "\"");
        } else if (text.startsWith("-")) {
            version.invalid("must be greater than or equal to 0");
        }
        if (!before.isEmpty() && !before.equals(text)) {
            version.invalid("cannot be updated");
        }
    }

    private static boolean isTrue(JsonNode conditions, String type) {
        for (JsonNode condition : conditions) {
            if (condition.path("type").asText("").equals(type)) {
                return condition.path("status").asText("").equals("True");
            }
        }
        return false;
    }
}
