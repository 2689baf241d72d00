package io.keelson.apiserver.admission.accounts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.TestObjects;
import io.keelson.apiserver.admission.TestWrite;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServiceAccountTest {
    private static final String PATH = "/var/run/secrets/kubernetes.io/serviceaccount";

    private final ServiceAccount plugin = new ServiceAccount(
            new TestObjects()
                    .with(
                            "serviceaccounts",
                            "{metadata: {name: default, namespace: default}, imagePullSecrets: [{name: pull}]}")
                    .with(
                            "serviceaccounts",
                            "{metadata: {name: quiet, namespace: default}, automountServiceAccountToken: false}")
                    .with(
                            "serviceaccounts",
                            "{metadata: {name: strict, namespace: default, annotations:"
                                    + " {kubernetes.io/enforce-mountable-secrets: 'true'}}, secrets: [{name: mine}],"
                                    + " imagePullSecrets: [{name: pull}]}"),
            Duration.ZERO);

    private static String pod(String spec) {
        return "{metadata: {name: web, namespace: default}, spec: {" + spec + "}}";
    }

    @Test
    void podsGetTheirAccountsTokenAndSecrets() throws Exception {
        ObjectNode pod = TestWrite.create("pods", pod("containers: [{name: c}], initContainers: [{name: i}]"))
                .through(plugin);
        assertEquals("default", pod.at("/spec/serviceAccountName").asText());
        assertEquals("default", pod.at("/spec/serviceAccount").asText());
        assertEquals("[{\"name\":\"pull\"}]", pod.at("/spec/imagePullSecrets").toString());
        String volume = pod.at("/spec/volumes/0/name").asText();
        assertTrue(volume.matches("kube-api-access-[a-z0-9]{5}"), volume);
        String mount = "[{\"name\":\"" + volume + "\",\"readOnly\":true,\"mountPath\":\"" + PATH + "\"}]";
        assertEquals(mount, pod.at("/spec/containers/0/volumeMounts").toString());
        assertEquals(mount, pod.at("/spec/initContainers/0/volumeMounts").toString());
        assertEquals(
                "{'sources':[{'serviceAccountToken':{'expirationSeconds':3607,'path':'token'}},"
                        + "{'configMap':{'name':'kube-root-ca.crt','items':[{'key':'ca.crt','path':'ca.crt'}]}},"
                        + "{'downwardAPI':{'items':[{'path':'namespace','fieldRef':{'apiVersion':'v1',"
                        + "'fieldPath':'metadata.namespace'}}]}}],'defaultMode':420}",
                pod.at("/spec/volumes/0/projected").toString().replace('"', '\''));
    }

    @Test
    void seeingAPodAgainAddsNothing() throws Exception {
        TestWrite write = TestWrite.create("pods", pod("containers: [{name: c}]"));
        String once = write.through(plugin).toString();
        assertEquals(once, write.through(plugin).toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            containers: [{name: c}], automountServiceAccountToken: false | 0
            containers: [{name: c}], serviceAccountName: quiet | 0
            containers: [{name: c}], serviceAccountName: quiet, automountServiceAccountToken: true | 1
            containers: [{name: c, volumeMounts: [{name: x, mountPath: /var/run/secrets/kubernetes.io/serviceaccount}]}] | 0
            """)
    void tokensAreMountedWhereTheyAreWanted(String spec, int volumes) throws Exception {
        assertEquals(
                volumes,
                TestWrite.create("pods", pod(spec))
                        .through(plugin)
                        .at("/spec/volumes")
                        .size());
    }

    @Test
    void accountsHaveToBeThere() {
        assertEquals(
                "error looking up service account default/nobody: serviceaccount \"nobody\" not found",
                TestWrite.create("pods", pod("serviceAccountName: nobody")).refusedBy(plugin));
        assertEquals(
                "error looking up service account default/default: serviceaccount \"default\" not found",
                TestWrite.create("pods", pod("")).refusedBy(new ServiceAccount(new TestObjects(), Duration.ZERO)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            volumes: [{name: v, secret: {secretName: other}}] | volume with secret.secretName="other" is not allowed \
because service account strict does not reference that secret
            containers: [{name: c, env: [{name: E, valueFrom: {secretKeyRef: {name: other}}}]}] | container c with envVar E \
referencing secret.secretName="other" is not allowed because service account strict does not reference that secret
            initContainers: [{name: c, envFrom: [{secretRef: {name: other}}]}] | init container c with envFrom referencing \
secret.secretName="other" is not allowed because service account strict does not reference that secret
            imagePullSecrets: [{name: pull}, {name: other}] | imagePullSecrets[1].name="other" is not allowed because \
service account strict does not reference that imagePullSecret
            """)
    void strictAccountsAllowTheirOwnSecretsOnly(String spec, String why) {
        assertEquals(
                why,
                TestWrite.create("pods", pod(spec + ", serviceAccountName: strict"))
                        .refusedBy(plugin));
    }

    @Test
    void strictAccountsAllowTheirOwnSecrets() throws Exception {
        TestWrite.create("pods", pod("serviceAccountName: strict, volumes: [{name: v, secret: {secretName: mine}}]"))
                .through(plugin);
        String ephemeral = pod("serviceAccountName: strict, ephemeralContainers: [{name: d, env: [{name: E, valueFrom:"
                + " {secretKeyRef: {name: other}}}]}]");
        assertEquals(
                "ephemeral container d with envVar E referencing secret.secretName=\"other\" is not allowed because service"
                        + " account strict does not reference that secret",
                TestWrite.update("pods", "ephemeralcontainers", ephemeral, pod(""))
                        .refusedBy(plugin));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            serviceAccountName: default | a mirror pod may not reference service accounts
            volumes: [{name: v, secret: {secretName: a}}] | a mirror pod may not reference secrets
            containers: [{name: c, env: [{name: E, valueFrom: {secretKeyRef: {name: a}}}]}] | a mirror pod may not \
reference secrets
            volumes: [{name: v, projected: {sources: [{serviceAccountToken: {path: t}}]}}] | a mirror pod may not use \
ServiceAccountToken volume projections
            """)
    void mirrorPodsGetNothing(String spec, String why) {
        String mirror = "{metadata: {name: web, annotations: {kubernetes.io/config.mirror: x}}, spec: {" + spec + "}}";
        assertEquals(why, TestWrite.create("pods", mirror).refusedBy(plugin));
    }

    @Test
    void mirrorPodsStayAsTheyAre() throws Exception {
        assertEquals(
                "{'containers':[{'name':'c'}]}",
                TestWrite.create(
                                "pods",
                                "{metadata: {name: web, annotations: {kubernetes.io/config.mirror: x}}, spec:"
                                        + " {containers: [{name: c}]}}")
                        .through(plugin, "/spec"));
    }
}
