package io.keelson.apiserver.authn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.authz.Attributes;
import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.authz.Decision;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.UserInfo;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ImpersonationFilterTest {
    private final Set<String> allowed = new HashSet<>();

    /** {@code verb resource[/subresource] [namespace/]name}. */
    private Decision decide(Attributes attributes) {
        String wish = attributes.verb() + " " + attributes.combinedResource() + "." + attributes.apiGroup() + " "
                + (attributes.namespace().isEmpty() ? "" : attributes.namespace() + "/") + attributes.name();
        return allowed.contains(wish) ? Decision.allow("") : Decision.NO_OPINION;
    }

    private UserInfo act(UserInfo as, String... headers) throws Exception {
        Authorizer authorizer = this::decide;
        ApiRequest request = Requests.of(headers);
        request.becomes(as);
        new ImpersonationFilter(authorizer).filter(request, _ -> ApiResponse.of(200, "text/plain", new byte[0]));
        return request.user();
    }

    private static UserInfo bob() {
        return new UserInfo("bob", "", List.of("system:authenticated"), Map.of());
    }

    private String refused(String... headers) {
        return assertThrows(ApiException.class, () -> act(bob(), headers)).message();
    }

    @Test
    void withoutHeadersNothingHappens() throws Exception {
        assertEquals(bob(), act(bob()));
        assertEquals(bob(), act(bob(), "Impersonate-User", ""));
    }

    @Test
    void everyPartMustBeAllowed() throws Exception {
        String[] headers = {
            "Impersonate-User", "jane",
            "Impersonate-Group", "dev",
            "Impersonate-Uid", "u1",
            "Impersonate-Extra-Acme.com%2fScope", "x"
        };
        List<String> needed = List.of(
                "impersonate users. jane",
                "impersonate groups. dev",
                "impersonate uids.authentication.k8s.io u1",
                "impersonate userextras/acme.com/scope.authentication.k8s.io x");
        allowed.addAll(needed);
        UserInfo jane = act(bob(), headers);
        assertEquals(
                new UserInfo(
                        "jane", "u1", List.of("dev", "system:authenticated"), Map.of("acme.com/scope", List.of("x"))),
                jane);
        for (String one : needed) {
            allowed.remove(one);
            assertThrows(ApiException.class, () -> act(bob(), headers), one);
            allowed.add(one);
        }
    }

    @Test
    void aServiceAccountIsInItsGroups() throws Exception {
        allowed.add("impersonate serviceaccounts. ns/bot");
        UserInfo bot = act(bob(), "Impersonate-User", "system:serviceaccount:ns:bot");
        assertEquals(
                List.of("system:serviceaccounts", "system:serviceaccounts:ns", "system:authenticated"), bot.groups());
        allowed.clear();
        allowed.add("impersonate users. system:serviceaccount:ns:bot");
        assertThrows(ApiException.class, () -> act(bob(), "Impersonate-User", "system:serviceaccount:ns:bot"));
    }

    @Test
    void nobodyIsUnauthenticated() throws Exception {
        allowed.add("impersonate users. system:anonymous");
        assertEquals(
                List.of("system:unauthenticated"),
                act(bob(), "Impersonate-User", "system:anonymous").groups());
    }

    @Test
    void groupsWithoutAUserAreAMistake() {
        assertEquals(
                "requested &user.DefaultInfo{Name:\"\", UID:\"\", Groups:[]string{\"system:masters\"},"
                        + " Extra:map[string][]string(nil)} without impersonating a user name",
                refused("Impersonate-Group", "system:masters"));
        assertTrue(refused("Impersonate-Uid", "x").startsWith("requested"));
        assertTrue(refused("Impersonate-Extra-a", "x").startsWith("requested"));
    }

    @Test
    void aNarrowWayIsLimitedToWhatIsDone() throws Exception {
        allowed.add("impersonate:user-info users.authentication.k8s.io jane");
        assertThrows(ApiException.class, () -> act(bob(), "Impersonate-User", "jane"));
        allowed.add("impersonate-on:user-info:list pods. default/");
        assertEquals("jane", act(bob(), "Impersonate-User", "jane").name());
    }

    @Test
    void theNarrowWayNeverLeadsToMasters() {
        allowed.addAll(Set.of(
                "impersonate-on:user-info:list pods. default/",
                "impersonate:user-info users.authentication.k8s.io jane",
                "impersonate:user-info groups.authentication.k8s.io system:masters",
                "impersonate:user-info groups.authentication.k8s.io *"));
        assertTrue(refused("Impersonate-User", "jane", "Impersonate-Group", "system:masters")
                .contains("impersonating the system:masters group is not allowed"));
    }

    @Test
    void anAgentActsAsTheNodeItRunsOnOnly() throws Exception {
        UserInfo agent = new UserInfo(
                "system:serviceaccount:ns:agent",
                "",
                List.of(),
                Map.of("authentication.kubernetes.io/node-name", List.of("n1")));
        allowed.add("impersonate-on:associated-node:list pods. default/");
        allowed.add("impersonate:associated-node nodes.authentication.k8s.io *");
        UserInfo node = act(agent, "Impersonate-User", "system:node:n1");
        assertEquals(List.of("system:nodes", "system:authenticated"), node.groups());
        assertThrows(ApiException.class, () -> act(agent, "Impersonate-User", "system:node:n2"));
        assertThrows(ApiException.class, () -> act(bob(), "Impersonate-User", "system:node:n1"));
    }

    @Test
    void tooManyValuesAreRefused() {
        String[] headers = new String[2_004];
        headers[0] = "Impersonate-User";
        headers[1] = "jane";
        for (int i = 2; i < headers.length; i += 2) {
            headers[i] = "Impersonate-Group";
            headers[i + 1] = "g" + i;
        }
        assertTrue(refused(headers).startsWith("more than"));
    }
}
