package io.keelson.apiserver.kinds.storage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.kinds.pod.OldNodeLabels;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import io.keelson.apiserver.validation.SemanticEquality;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Classes of storage. */
public final class StorageClassStrategy implements Strategy {
    private static final int PARAMETERS_MAX = 512;
    private static final int PARAMETERS_BYTES_MAX = 256 * 1024;

    @Override
    public boolean returnsDeleted() {
        return true;
    }

    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public void applyDefaults(ObjectNode storageClass) {
        Fill.text(storageClass, "reclaimPolicy", "Delete");
        Fill.text(storageClass, "volumeBindingMode", "Immediate");
    }

    @Override
    public void validate(ObjectNode storageClass, FieldErrors errors) {
        Place whole = Place.of(storageClass, errors);
        provisioner(whole.at("provisioner"));
        parameters(whole.at("parameters"), true);
        whole.at("reclaimPolicy").oneOfIfPresent("Delete", "Retain");
        whole.at("volumeBindingMode").oneOf("Immediate", "WaitForFirstConsumer");
        for (Place term : whole.at("allowedTopologies").items()) {
            Set<String> keys = new HashSet<>();
            for (Place expression : term.at("matchLabelExpressions").items()) {
                topology(expression);
                if (!keys.add(expression.at("key").text())) {
                    expression.at("key").duplicate();
                }
            }
        }
    }

    /** Who makes volumes of the class; upper case is as good as lower. */
    static void provisioner(Place provisioner) {
        if (provisioner.empty()) {
            provisioner.required("");
        } else {
            String lower = provisioner.text().toLowerCase(Locale.ROOT);
            Names.qualifiedName(lower).forEach(wrong -> provisioner.invalid(lower, wrong));
        }
    }

    private static void topology(Place expression) {
        Place values = expression.at("values");
        if (values.size() == 0) {
            values.required("");
        }
        Set<String> seen = new HashSet<>();
        for (Place value : values.items()) {
            if (!seen.add(value.text())) {
                value.duplicate();
            }
        }
        expression.at("key").check(Names::qualifiedName);
    }

    static void parameters(Place parameters, boolean mayBeEmpty) {
        if (parameters.size() > PARAMETERS_MAX) {
            parameters.tooLong(PARAMETERS_MAX);
            return;
        }
        long bytes = 0;
        for (Place parameter : parameters.entries()) {
            if (parameter.key().isEmpty()) {
                parameters.invalid("", "field can not be empty.");
            }
            bytes += parameter.key().length() + (long) parameter.text().length();
        }
        if (bytes > PARAMETERS_BYTES_MAX) {
            parameters.tooLong(PARAMETERS_BYTES_MAX);
        }
        if (!mayBeEmpty && parameters.size() == 0) {
            parameters.required("must contain at least one key/value pair");
        }
    }

    @Override
    public void validateUpdate(ObjectNode storageClass, ObjectNode old, FieldErrors errors) {
        Place whole = Place.of(storageClass, errors);
        for (String field : List.of("parameters", "provisioner", "reclaimPolicy")) {
            if (!SemanticEquality.equal(whole.at(field).value(), old.path(field))) {
                whole.at(field).forbidden("updates to " + field + " are forbidden.");
            }
        }
        whole.at("volumeBindingMode").mustEqual(old.path("volumeBindingMode"));
    }

    @Override
    public void warn(ObjectNode storageClass, @Nullable ObjectNode old, List<String> warnings) {
        JsonNode terms = storageClass.path("allowedTopologies");
        for (int i = 0; i < terms.size(); i++) {
            OldNodeLabels.tellOfExpressions(
                    terms.path(i).path("matchLabelExpressions"),
                    "allowedTopologies[" + i + "].matchLabelExpressions",
                    warnings);
        }
    }
}
