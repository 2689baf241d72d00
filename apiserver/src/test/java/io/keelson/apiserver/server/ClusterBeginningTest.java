package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every cluster has is made while the server serves: webhooks may be asked that need it to. */
final class ClusterBeginningTest {
    private static final String HOOKS = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
    private static final String ROLE = "/apis/rbac.authorization.k8s.io/v1/clusterroles/view";

    @Test
    void aWebhookThatDoesNotAnswerKeepsAServerFromBeingReadyButNotFromServing(@TempDir Path folder) throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        Path pki = folder.resolve("users");
        try (HttpsStub hanging = new HttpsStub((path, body) -> {
            asked.countDown();
            end.await();
            return new byte[0];
        })) {
            try (LiveUsers first = LiveUsers.start(Flags.config(folder), pki)) {
                first.admin()
                        .post(HOOKS, """
                        {'metadata':{'name':'guard'},'webhooks':[{'name':'guard.example.com','sideEffects':'None',
                         'admissionReviewVersions':['v1'],'failurePolicy':'Fail','timeoutSeconds':30,
                         'clientConfig':{'url':'%s/','caBundle':'%s'},
                         'rules':[{'apiGroups':['rbac.authorization.k8s.io'],'apiVersions':['v1'],
                         'operations':['CREATE'],'resources':['clusterroles']}]}]}""".formatted(
                                hanging.url(),
                                Base64.getEncoder()
                                        .encodeToString(hanging.authorityPem().getBytes(StandardCharsets.UTF_8))))
                        .succeeded();
                first.admin().delete(ROLE).succeeded();
            }
            try {
                try (LiveUsers again = LiveUsers.start(Flags.config(folder), pki)) {
                    assertTrue(asked.await(30, TimeUnit.SECONDS));
                    LiveUsers.User admin = again.admin();
                    assertEquals(404, admin.get(ROLE).code());
                    LiveUsers.Answer ready = admin.get("/readyz?verbose");
                    String checks = new String(ready.response().body(), StandardCharsets.UTF_8);
                    assertEquals(500, ready.code());
                    assertTrue(checks.contains("[-]poststarthook/rbac/bootstrap-roles failed"), checks);
                    assertTrue(
                            checks.contains("[+]poststarthook/scheduling/bootstrap-system-priority-classes ok"),
                            checks);
                    assertEquals(
                            200,
                            admin.get("/api/v1/namespaces/default/services/kubernetes")
                                    .code());
                    admin.delete(HOOKS + "/guard").succeeded();
                    end.countDown();
                    Deadline.await(() -> admin.get("/readyz").code() == 200);
                    assertEquals(200, admin.get(ROLE).code());
                }
            } finally {
                // Before the other server is closed, which waits for its answer.
                end.countDown();
            }
        }
    }
}
