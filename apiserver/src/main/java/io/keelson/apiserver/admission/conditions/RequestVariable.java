package io.keelson.apiserver.admission.conditions;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.rules.RequestMatcher;
import io.keelson.apiserver.admission.rules.Target;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.request.UserInfo;

/** Makes the variable {@code request}, see {@link io.keelson.apiserver.cel.admission.AdmissionTypes#REQUEST}. */
final class RequestVariable {
    private RequestVariable() {}

    /** @param target in which the policy sees the request */
    static ObjectNode of(AdmissionRequest request, Target target) {
        Target sent = Target.asSent(request);
        ObjectNode made = Json.object();
        made.set("kind", target.kindAsJson());
        made.set("resource", target.resourceAsJson());
        putFilled(made, "subResource", request.subresource());
        made.set("requestKind", sent.kindAsJson());
        made.set("requestResource", sent.resourceAsJson());
        putFilled(made, "requestSubResource", request.subresource());
        putFilled(made, "name", request.name());
        putFilled(made, "namespace", RequestMatcher.namespace(request));
        made.put("operation", request.operation().name());
        made.set("userInfo", user(request.user()));
        made.put("dryRun", request.dryRun());
        made.set("options", request.options().isEmpty() ? null : request.options());
        return made;
    }

    private static void putFilled(ObjectNode object, String field, String text) {
        if (!text.isEmpty()) {
            object.put(field, text);
        }
    }

    private static ObjectNode user(UserInfo user) {
        ObjectNode made = Json.object();
        putFilled(made, "username", user.name());
        putFilled(made, "uid", user.uid());
        if (!user.groups().isEmpty()) {
            made.set("groups", Json.array(user.groups()));
        }
        if (!user.extra().isEmpty()) {
            ObjectNode extra = made.putObject("extra");
            user.extra().forEach((key, values) -> extra.set(key, Json.array(values)));
        }
        return made;
    }
}
