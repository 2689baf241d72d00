package io.keelson.apiserver.authz;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.object.FieldSelector;
import io.keelson.apiserver.object.LabelSelector;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.validation.LabelValidation;
import io.keelson.apiserver.validation.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The {@code fieldSelector} and {@code labelSelector} of an access review's {@code resourceAttributes}: either as they would
 * stand in a query ({@code rawSelector}) or as {@code requirements}. Both come out as those of a request do.
 */
final class ReviewSelectors {
    private static final String FIELDS = "fieldSelector";
    private static final String LABELS = "labelSelector";

    private ReviewSelectors() {}

    /** Complains about selectors that no client means; operators that are not known are none of them. */
    static void validate(Place resource) {
        validate(resource.at(FIELDS), ReviewSelectors::validateField);
        validate(resource.at(LABELS), requirement -> LabelValidation.requirement(requirement, true));
    }

    private static void validate(Place selector, Consumer<Place> rule) {
        if (selector.absent()) {
            return;
        }
        Place raw = selector.at("rawSelector");
        Place requirements = selector.at("requirements");
        if (raw.filled() && requirements.size() > 0) {
            raw.invalid("may not specified at the same time as requirements");
        }
        if (!raw.filled() && requirements.size() == 0) {
            requirements.required("when " + selector.path() + " is specified, requirements or rawSelector is required");
        }
        requirements.items().forEach(rule);
    }

    private static void validateField(Place requirement) {
        if (!requirement.at("key").filled()) {
            requirement.at("key").required("must be specified");
        }
        LabelValidation.operator(requirement, true);
    }

    /** @param problems takes up what had to be left out */
    static List<SelectorRequirement> fields(JsonNode resource, List<String> problems) {
        return requirements(
                FIELDS,
                resource,
                text -> FieldSelector.parse(text).requirements().stream()
                        .map(SelectorRequirement::of)
                        .toList(),
                ReviewSelectors::field,
                problems);
    }

    /** @param problems takes up what had to be left out */
    static List<SelectorRequirement> labels(JsonNode resource, List<String> problems) {
        return requirements(
                LABELS,
                resource,
                text -> LabelSelector.parse(text).requirements().stream()
                        .map(SelectorRequirement::of)
                        .toList(),
                ReviewSelectors::label,
                problems);
    }

    private static List<SelectorRequirement> requirements(
            String name,
            JsonNode resource,
            Function<String, List<SelectorRequirement>> parsed,
            Function<JsonNode, SelectorRequirement> read,
            List<String> problems) {
        JsonNode selector = resource.path(name);
        List<SelectorRequirement> found = new ArrayList<>();
        boolean complete = true;
        try {
            found.addAll(parsed.apply(selector.path("rawSelector").asText("")));
        } catch (MalformedException e) {
            complete = false;
        }
        for (JsonNode requirement : selector.path("requirements")) {
            try {
                found.add(read.apply(requirement));
            } catch (MalformedException e) {
                complete = false;
            }
        }
        if (!complete) {
            problems.add("spec.resourceAttributes." + name + (found.isEmpty() ? "" : " partially")
                    + " ignored due to parse error");
        }
        return found;
    }

    /** Only what can stand in a query, too. */
    private static SelectorRequirement field(JsonNode requirement) {
        List<String> values = AccessReview.texts(requirement.path("values"));
        String operator = requirement.path("operator").asText("");
        boolean known = operator.equals(SelectorRequirement.IN) || operator.equals(SelectorRequirement.NOT_IN);
        if (!known || values.size() != 1) {
            throw new MalformedException("field selectors are In or NotIn one value");
        }
        return new SelectorRequirement(requirement.path("key").asText(""), operator, values);
    }

    private static SelectorRequirement label(JsonNode requirement) {
        LabelSelector.Operator operator = switch (requirement.path("operator").asText("")) {
            case SelectorRequirement.IN -> LabelSelector.Operator.IN;
            case SelectorRequirement.NOT_IN -> LabelSelector.Operator.NOT_IN;
            case "Exists" -> LabelSelector.Operator.EXISTS;
            case "DoesNotExist" -> LabelSelector.Operator.DOES_NOT_EXIST;
            case String other ->
                throw new MalformedException("\"" + other + "\" is not a valid label selector operator");
        };
        return SelectorRequirement.of(LabelSelector.Requirement.checked(
                requirement.path("key").asText(""), operator, AccessReview.texts(requirement.path("values"))));
    }
}
