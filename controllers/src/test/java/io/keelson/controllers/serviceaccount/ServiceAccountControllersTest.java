package io.keelson.controllers.serviceaccount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ServiceAccountControllersTest {
    private final TestCluster cluster = new TestCluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private ServiceAccount account(String namespace, String name) {
        return cluster.client()
                .serviceAccounts()
                .inNamespace(namespace)
                .withName(name)
                .get();
    }

    private Secret secret(String namespace, String name) {
        return cluster.client().secrets().inNamespace(namespace).withName(name).get();
    }

    private String data(String namespace, String name, String key) {
        Secret secret = secret(namespace, name);
        String value =
                secret == null ? "" : OrEmpty.of(OrEmpty.of(secret.getData()).get(key));
        return new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8);
    }

    private void token(String namespace, String name, String account) {
        cluster.create(namespace, """
                apiVersion: v1
                kind: Secret
                metadata: {name: %s, annotations: {kubernetes.io/service-account.name: %s}}
                type: kubernetes.io/service-account-token
                """.formatted(name, account));
    }

    private ServiceAccount createAccount(String namespace, String name) {
        return (ServiceAccount) cluster.create(namespace, """
                apiVersion: v1
                kind: ServiceAccount
                metadata: {name: %s}
                """.formatted(name));
    }

    private void mention(String namespace, String account, String secret) {
        cluster.client()
                .serviceAccounts()
                .inNamespace(namespace)
                .withName(account)
                .edit(now -> {
                    now.setSecrets(List.of(
                            new ObjectReferenceBuilder().withName(secret).build()));
                    return now;
                });
    }

    @Test
    void eachNamespaceHasItsDefaultAccountAgainAndAgain() throws InterruptedException {
        cluster.run(ServiceAccountController.descriptor());
        String namespace = cluster.namespace();
        TestCluster.await("it has one", () -> account(namespace, "default") != null);
        String uid = account(namespace, "default").getMetadata().getUid();
        cluster.client()
                .serviceAccounts()
                .inNamespace(namespace)
                .withName("default")
                .delete();
        TestCluster.await("it has another one", () -> {
            ServiceAccount now = account(namespace, "default");
            return now != null && !now.getMetadata().getUid().equals(uid);
        });
    }

    @Test
    void aSecretGetsItsTokenAndGoesWithItsAccount() throws Exception {
        TokenSigner signer = TokenSigner.ofPem(TokenSignerTest.pkcs8(TokenSignerTest.rsa()));
        cluster.run(ServiceAccountTokenController.descriptor(new ServiceAccountTokenSettings(5, signer, "the CA")));
        String namespace = cluster.namespace();
        ServiceAccount robot = createAccount(namespace, "robot");
        token(namespace, "robot-token", "robot");
        TestCluster.await(
                "it has a token", () -> !data(namespace, "robot-token", "token").isEmpty());
        String token = data(namespace, "robot-token", "token");
        assertEquals(signer.sign(namespace, "robot", robot.getMetadata().getUid(), "robot-token"), token);
        assertEquals("the CA", data(namespace, "robot-token", "ca.crt"));
        assertEquals(namespace, data(namespace, "robot-token", "namespace"));
        assertEquals(
                robot.getMetadata().getUid(),
                secret(namespace, "robot-token")
                        .getMetadata()
                        .getAnnotations()
                        .get("kubernetes.io/service-account.uid"));

        cluster.client()
                .secrets()
                .inNamespace(namespace)
                .withName("robot-token")
                .edit(now -> {
                    now.getData().put("ca.crt", "");
                    return now;
                });
        TestCluster.await(
                "what was changed is put right",
                () -> data(namespace, "robot-token", "ca.crt").equals("the CA"));
        assertEquals(token, data(namespace, "robot-token", "token"));

        token(namespace, "nobodys", "nobody");
        TestCluster.await("a token of nobody is deleted", () -> secret(namespace, "nobodys") == null);

        token(namespace, "mentioned", "robot");
        mention(namespace, "robot", "mentioned");
        TestCluster.await(
                "it has a token", () -> !data(namespace, "mentioned", "token").isEmpty());
        cluster.client().secrets().inNamespace(namespace).withName("mentioned").delete();
        TestCluster.await(
                "it is not mentioned any more",
                () -> OrEmpty.of(account(namespace, "robot").getSecrets()).isEmpty());

        cluster.client()
                .serviceAccounts()
                .inNamespace(namespace)
                .withName("robot")
                .delete();
        TestCluster.await("tokens go with their account", () -> secret(namespace, "robot-token") == null);
    }

    @Test
    void tokensThatNobodyUsedForLongAreMadeInvalidAndThenDeleted() throws InterruptedException {
        String namespace = cluster.namespace();
        createAccount(namespace, "robot");
        token(namespace, "old", "robot");
        token(namespace, "young", "robot");
        mention(namespace, "robot", "old");
        TestCluster.await(
                "uses are tracked",
                () -> cluster.client()
                                .configMaps()
                                .inNamespace("kube-system")
                                .withName("kube-apiserver-legacy-service-account-token-tracking")
                                .get()
                        != null);
        ManualTime time = new ManualTime(Instant.now().plus(Duration.ofDays(20)));
        cluster.run(time, LegacyTokenCleanerController.descriptor(new LegacyTokenCleanerSettings(Duration.ofDays(10))));
        TestCluster.await(
                "it is invalid",
                () -> OrEmpty.of(secret(namespace, "old").getMetadata().getLabels())
                        .containsKey(LegacyTokens.INVALID_SINCE));
        assertTrue(
                OrEmpty.of(secret(namespace, "young").getMetadata().getLabels()).isEmpty());
        TestCluster.await("it is gone in time", () -> {
            time.advance(Duration.ofDays(1));
            return secret(namespace, "old") == null;
        });
        assertTrue(secret(namespace, "young") != null);
        assertTrue(!time.instant().isBefore(Instant.now().plus(Duration.ofDays(30))));
    }
}
