package io.keelson.apiserver.kinds.core;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.SpecAndStatus;
import io.keelson.apiserver.kinds.pod.ResourceDefaults;
import io.keelson.apiserver.kinds.pod.ResourceNames;
import io.keelson.apiserver.kinds.pod.ResourceRules;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Place;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Resource quotas: how much a namespace may have in all. */
public final class ResourceQuotaStrategy extends SpecAndStatus {
    private static final List<String> SCOPES = List.of(
            "Terminating",
            "NotTerminating",
            "BestEffort",
            "NotBestEffort",
            "PriorityClass",
            "CrossNamespacePodAffinity",
            "VolumeAttributesClass");
    private static final Set<String> COMPUTE = Set.of(
            "cpu",
            "memory",
            "ephemeral-storage",
            "limits.cpu",
            "limits.memory",
            "limits.ephemeral-storage",
            "requests.cpu",
            "requests.memory",
            "requests.ephemeral-storage");

    @Override
    public boolean returnsDeleted() {
        return true;
    }

    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public void applyDefaults(ObjectNode quota) {
        ResourceDefaults.canonical(quota.path("spec").path("hard"));
        ResourceDefaults.canonical(quota.path("status").path("hard"));
        ResourceDefaults.canonical(quota.path("status").path("used"));
    }

    @Override
    public void validate(ObjectNode quota, FieldErrors errors) {
        Place spec = Place.of(quota, errors).at("spec");
        list(spec.at("hard"));
        scopes(spec);
        selector(spec);
    }

    private static void list(Place list) {
        for (Place entry : list.entries()) {
            ResourceRules.quotaName(entry);
            ResourceRules.amount(entry);
        }
    }

    private static void scopes(Place spec) {
        Place scopes = spec.at("scopes");
        Set<String> all = new HashSet<>();
        for (Place scope : scopes.items()) {
            all.add(scope.text());
            if (!SCOPES.contains(scope.text())) {
                scopes.invalid("unsupported scope");
            }
            unsuitable(spec, scope.text(), scopes);
        }
        exclusive(scopes, all);
    }

    private static void selector(Place spec) {
        Place expressions = spec.at("scopeSelector", "matchExpressions");
        Set<String> all = new HashSet<>();
        for (Place expression : expressions.items()) {
            Place scope = expression.at("scopeName").as(expressions.path().child("scopeName"));
            Place operator = expression.at("operator").as(expressions.path().child("operator"));
            Place values = expression.at("values").as(expressions.path().child("values"));
            all.add(scope.text());
            if (!SCOPES.contains(scope.text())) {
                scope.invalid("unsupported scope");
            }
            unsuitable(spec, scope.text(), expressions);
            boolean valued = scope.is("PriorityClass") || scope.is("VolumeAttributesClass");
            if (SCOPES.contains(scope.text()) && !valued && !operator.is("Exists")) {
                operator.invalid("must be 'Exists' when scope is any of ResourceQuotaScopeTerminating,"
                        + " ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort,"
                        + " ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity");
            }
            switch (operator.text()) {
                case "In", "NotIn" -> {
                    if (values.size() == 0) {
                        values.required(
                                "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector");
                    }
                }
                case "Exists", "DoesNotExist" -> {
                    if (values.size() > 0) {
                        values.invalid(
                                "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector");
                    }
                }
                default -> operator.invalid("not a valid selector operator");
            }
        }
        exclusive(spec.at("scopes"), all);
    }

    private static void unsuitable(Place spec, String scope, Place complained) {
        for (String resource : spec.at("hard").keys()) {
            if (ResourceNames.isStandardForQuotas(resource) && !suits(scope, resource)) {
                complained.invalid("unsupported scope applied to resource");
            }
        }
    }

    private static boolean suits(String scope, String resource) {
        return switch (scope) {
            case "BestEffort" -> resource.equals("pods");
            case "VolumeAttributesClass" -> resource.equals("persistentvolumeclaims") || resource.endsWith("storage");
            default -> resource.equals("pods") || COMPUTE.contains(resource) || ResourceNames.isHugePages(resource);
        };
    }

    private static void exclusive(Place scopes, Set<String> all) {
        if (all.containsAll(Set.of("BestEffort", "NotBestEffort"))
                || all.containsAll(Set.of("Terminating", "NotTerminating"))) {
            scopes.invalid("conflicting scopes");
        }
    }

    @Override
    public void validateUpdate(ObjectNode quota, ObjectNode old, FieldErrors errors) {
        Place scopes = Place.of(quota, errors).at("spec", "scopes");
        Set<String> before = new HashSet<>();
        old.path("spec").path("scopes").forEach(scope -> before.add(scope.asText()));
        if (!before.equals(new HashSet<>(scopes.textItems()))) {
            scopes.invalid("field is immutable");
        }
    }

    @Override
    public void validateStatusUpdate(ObjectNode quota, ObjectNode old, FieldErrors errors) {
        Place status = Place.of(quota, errors).at("status");
        list(status.at("hard"));
        list(status.at("used"));
    }
}
