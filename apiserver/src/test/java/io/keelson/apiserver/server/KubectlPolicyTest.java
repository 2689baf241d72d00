package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Admission policies through the real kubectl, as people write them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class KubectlPolicyTest {
    private static final String REPLICAS = """
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingAdmissionPolicy
            metadata:
              name: demo-policy.example.com
            spec:
              failurePolicy: Fail
              matchConstraints:
                resourceRules:
                - apiGroups:   ["apps"]
                  apiVersions: ["v1"]
                  operations:  ["CREATE", "UPDATE"]
                  resources:   ["deployments"]
              validations:
                - expression: "object.spec.replicas <= 5"
            ---
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingAdmissionPolicyBinding
            metadata:
              name: demo-binding-test.example.com
            spec:
              policyName: "demo-policy.example.com"
              validationActions: [Deny]
              matchResources:
                namespaceSelector:
                  matchLabels:
                    environment: test
            """;

    private static final String SIDECAR = """
            apiVersion: admissionregistration.k8s.io/v1
            kind: MutatingAdmissionPolicy
            metadata:
              name: sidecar-policy.example.com
            spec:
              matchConstraints:
                resourceRules:
                - apiGroups: [""]
                  apiVersions: ["v1"]
                  operations: ["CREATE"]
                  resources: ["pods"]
              matchConditions:
                - name: does-not-already-have-sidecar
                  expression: "!object.spec.?initContainers.orValue([]).exists(ic, ic.name == \\"mesh-proxy\\")"
              failurePolicy: Fail
              reinvocationPolicy: IfNeeded
              mutations:
                - patchType: "ApplyConfiguration"
                  applyConfiguration:
                    expression: >
                      Object{
                        spec: Object.spec{
                          initContainers: [
                            Object.spec.initContainers{
                              name: "mesh-proxy",
                              image: "mesh/proxy:v1.0.0",
                              restartPolicy: "Always"
                            }
                          ]
                        }
                      }
            ---
            apiVersion: admissionregistration.k8s.io/v1
            kind: MutatingAdmissionPolicyBinding
            metadata: {name: sidecar-binding.example.com}
            spec:
              policyName: sidecar-policy.example.com
              matchResources: {namespaceSelector: {matchLabels: {mesh: "on"}}}
            """;

    private ApiServer server;
    private Kubectl kubectl;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        Kubectl.assumeThere();
        server = ApiServer.start(ApiServerConfig.ephemeral());
        kubectl = new Kubectl(server, folder);
    }

    @AfterAll
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void aDeploymentWithTooManyReplicasIsRefused() throws Exception {
        assertEquals("""
                        validatingadmissionpolicy.admissionregistration.k8s.io/demo-policy.example.com created
                        validatingadmissionpolicybinding.admissionregistration.k8s.io/demo-binding-test.example.com created""", kubectl.with(REPLICAS, "apply", "-f", "-"));
        kubectl.run("create", "namespace", "tests");
        kubectl.run("label", "namespace", "tests", "environment=test");
        assertEquals(
                "error: failed to create deployment: deployments.apps \"nginx\" is forbidden: ValidatingAdmissionPolicy"
                        + " 'demo-policy.example.com' with binding 'demo-binding-test.example.com' denied request: failed"
                        + " expression: object.spec.replicas <= 5",
                kubectl.fail("", "-n", "tests", "create", "deployment", "nginx", "--image=nginx", "--replicas=6"));
        kubectl.run("-n", "tests", "create", "deployment", "nginx", "--image=nginx", "--replicas=5");
        kubectl.run("create", "deployment", "nginx", "--image=nginx", "--replicas=6");
    }

    @Test
    void expressionsThatDoNotFitTheKindAreInTheStatus() throws Exception {
        String policy = REPLICAS.substring(0, REPLICAS.indexOf("---"))
                .replace("demo-policy", "typo-policy")
                .replace("object.spec.replicas <= 5", "object.replicas > 1");
        kubectl.with(policy, "apply", "-f", "-");
        String name = "validatingadmissionpolicies/typo-policy.example.com";
        kubectl.run("wait", "--for=jsonpath={.status.observedGeneration}=1", name);
        assertEquals(
                "spec.validations[0].expression",
                kubectl.run("get", name, "-o", "jsonpath={.status.typeChecking.expressionWarnings[*].fieldRef}"));
        assertEquals(
                """
                apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'replicas'
                 | object.replicas > 1
                 | ......^""", kubectl.run("get", name, "-o", "jsonpath={.status.typeChecking.expressionWarnings[0].warning}"));
        kubectl.with(policy.replace("object.replicas", "object.spec.replicas"), "apply", "-f", "-");
        kubectl.run("wait", "--for=jsonpath={.status.observedGeneration}=2", name);
        assertEquals("{}", kubectl.run("get", name, "-o", "jsonpath={.status.typeChecking}"));
    }

    @Test
    void aPodGetsASidecar() throws Exception {
        kubectl.with(SIDECAR, "apply", "-f", "-");
        kubectl.run("create", "namespace", "meshed");
        kubectl.run("label", "namespace", "meshed", "mesh=on");
        kubectl.run("-n", "meshed", "run", "web", "--image=web");
        assertEquals(
                "mesh-proxy Always IfNotPresent",
                kubectl.run(
                        "-n",
                        "meshed",
                        "get",
                        "pod",
                        "web",
                        "-o",
                        "jsonpath={.spec.initContainers[0].name} {.spec.initContainers[0].restartPolicy}"
                                + " {.spec.initContainers[0].imagePullPolicy}"));
    }

    @Test
    void aPolicyThatDoesNotCompileIsRefused() throws Exception {
        String refused = kubectl.fail(
                REPLICAS.replace("demo-policy", "other")
                        .replace("object.spec.replicas <= 5", "object.spec.replicas + "),
                "apply",
                "-f",
                "-");
        assertTrue(
                refused.contains("The ValidatingAdmissionPolicy \"other.example.com\" is invalid:"
                        + " spec.validations[0].expression: Invalid value: \"object.spec.replicas + \": compilation failed:"
                        + " ERROR: <input>:1:"),
                refused);
    }
}
