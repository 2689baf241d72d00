package io.keelson.apiserver.authz;

import io.keelson.apiserver.request.UserInfo;
import java.util.ArrayList;
import java.util.List;

/** Asks one authorizer after the other; the first that allows or denies decides. Reasons of the others are collected. */
public record UnionAuthorizer(List<Authorizer> authorizers) implements Authorizer {
    public UnionAuthorizer {
        authorizers = List.copyOf(authorizers);
    }

    public static UnionAuthorizer of(Authorizer... authorizers) {
        return new UnionAuthorizer(List.of(authorizers));
    }

    @Override
    public Decision authorize(Attributes attributes) {
        List<String> reasons = new ArrayList<>();
        List<String> errors = new ArrayList<>();
        for (Authorizer authorizer : authorizers) {
            Decision decision = authorizer.authorize(attributes);
            if (decision.verdict() != Decision.Verdict.NO_OPINION) {
                return decision;
            }
            if (!decision.reason().isEmpty()) {
                reasons.add(decision.reason());
            }
            if (!decision.error().isEmpty()) {
                errors.add(decision.error());
            }
        }
        if (reasons.isEmpty() && errors.isEmpty()) {
            return Decision.NO_OPINION;
        }
        return new Decision(Decision.Verdict.NO_OPINION, String.join("\n", reasons), aggregate(errors));
    }

    @Override
    public RuleList rulesFor(UserInfo user, String namespace) {
        List<PolicyRule> rules = new ArrayList<>();
        List<String> errors = new ArrayList<>();
        boolean incomplete = false;
        for (Authorizer authorizer : authorizers) {
            RuleList some = authorizer.rulesFor(user, namespace);
            rules.addAll(some.rules());
            incomplete |= some.incomplete();
            if (!some.error().isEmpty()) {
                errors.add(some.error());
            }
        }
        return new RuleList(rules, incomplete, aggregate(errors));
    }

    /** Several errors as one text, the way the API writes them. */
    static String aggregate(List<String> errors) {
        List<String> different = errors.stream().distinct().toList();
        return switch (different.size()) {
            case 0 -> "";
            case 1 -> different.getFirst();
            default -> "[" + String.join(", ", different) + "]";
        };
    }
}
