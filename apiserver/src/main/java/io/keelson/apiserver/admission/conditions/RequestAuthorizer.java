package io.keelson.apiserver.admission.conditions;

import io.keelson.apiserver.authz.Attributes;
import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.authz.SelectorRequirement;
import io.keelson.apiserver.cel.CelAuthorizer;
import io.keelson.apiserver.object.FieldSelector;
import io.keelson.apiserver.object.LabelSelector;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.request.UserInfo;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Answers what expressions ask about the rights of who sent a request. The same question is answered once. */
public final class RequestAuthorizer implements CelAuthorizer {
    private static final String ACCOUNTS = "system:serviceaccounts";

    private final UserInfo user;
    private final Authorizer authorizer;
    private final Map<Question, Decision> known = new ConcurrentHashMap<>();

    public RequestAuthorizer(UserInfo user, Authorizer authorizer) {
        this.user = user;
        this.authorizer = authorizer;
    }

    @Override
    public Decision check(Question question) {
        Decision decision = known.get(question);
        if (decision == null) {
            decision = decide(question);
            known.put(question, decision);
        }
        return decision;
    }

    private Decision decide(Question question) {
        io.keelson.apiserver.authz.Decision decided = authorizer.authorize(attributes(question));
        Verdict verdict = switch (decided.verdict()) {
            case ALLOW -> Verdict.ALLOWED;
            case DENY -> Verdict.DENIED;
            case NO_OPINION -> Verdict.NO_OPINION;
        };
        return new Decision(verdict, decided.reason(), decided.error().isEmpty() ? null : decided.error());
    }

    private Attributes attributes(Question question) {
        UserInfo who = question.account().isEmpty() ? user : account(question.account());
        if (!question.path().isEmpty()) {
            return Attributes.ofPath(who, question.verb(), question.path());
        }
        return new Attributes(
                who,
                question.verb(),
                question.namespace(),
                question.group(),
                question.version(),
                question.resource(),
                question.subresource(),
                question.name(),
                true,
                "",
                fields(question.fieldSelector()),
                labels(question.labelSelector()));
    }

    private static UserInfo account(List<String> account) {
        String namespace = account.getFirst();
        return new UserInfo(
                "system:serviceaccount:" + namespace + ":" + account.getLast(),
                "",
                List.of(ACCOUNTS, ACCOUNTS + ":" + namespace),
                Map.of());
    }

    /** A selector that cannot be read limits nothing, so that more has to be allowed rather than less. */
    private static List<SelectorRequirement> fields(String text) {
        try {
            return FieldSelector.parse(text).requirements().stream()
                    .map(SelectorRequirement::of)
                    .toList();
        } catch (MalformedException e) {
            return List.of();
        }
    }

    private static List<SelectorRequirement> labels(String text) {
        try {
            return LabelSelector.parse(text).requirements().stream()
                    .map(SelectorRequirement::of)
                    .toList();
        } catch (MalformedException e) {
            return List.of();
        }
    }
}
