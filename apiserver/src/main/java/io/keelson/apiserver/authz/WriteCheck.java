package io.keelson.apiserver.authz;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.apiserver.resource.GroupResource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks again while a write is under way, about what could not be known when its request was authorized: that it creates an
 * object rather than changing one, and which permissions it grants.
 */
public record WriteCheck(Authorizer authorizer, Escalation escalation) {
    /**
     * Checks that a user may create an object who is only known to be allowed to update or patch it.
     *
     * @param version in which it is written
     * @param namespace empty for none
     * @throws ApiException Forbidden; InternalError if it could not be decided
     */
    public void creation(UserInfo user, GroupResource resource, String version, String namespace, String name) {
        authorizer.require(new Attributes(
                user,
                "create",
                namespace,
                resource.group(),
                version,
                resource.resource(),
                "",
                name,
                true,
                "",
                List.of(),
                List.of()));
    }

    /**
     * Checks that a user may write an object with this in it.
     *
     * @param namespace of the request; empty for none
     * @param nameInPath empty if the request did not name the object
     * @param object as it is to be stored, but for what the server alone fills in
     * @param old what is there; null for a new one
     * @throws ApiException Forbidden
     */
    public void content(
            UserInfo user,
            GroupResource resource,
            String namespace,
            String nameInPath,
            ObjectNode object,
            @Nullable ObjectNode old)
            throws InterruptedException {
        if (resource.group().equals(Escalation.GROUP)) {
            escalation.check(user, resource, namespace, nameInPath, object, old);
        }
    }
}
