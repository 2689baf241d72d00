package io.keelson.apiserver.kinds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may be started again once it ended: the pod says so, its containers, and their rules. */
class PodRestartTest {
    private static final Kind PODS = Kind.of("pods");
    private static final String RESTARTED =
            "status.%s[0].state: Forbidden: may not be transitioned to non-terminated state";

    private static String pod(String policy, String sort, String container) {
        String main = sort.equals("containers") ? "" : "\n  containers: [{name: other, image: nginx}]";
        return "metadata: {name: web}\nspec:\n  restartPolicy: " + policy + main + "\n  " + sort
                + ": [{name: main, image: nginx" + (container.isEmpty() ? "" : ", " + container) + "}]";
    }

    private static Consumer<ObjectNode> state(String statuses, String state) {
        return pod -> ((ObjectNode) pod.path("status"))
                .setAll(Map.of(
                        statuses,
                        Kind.read("list: [{name: main, image: nginx, state: " + state + "}]")
                                .path("list")));
    }

    private static List<String> errors(String sort, String pod, int exitCode) {
        String statuses = sort.substring(0, sort.length() - 1) + "Statuses";
        return PODS.errorsOfStatusChange(
                pod, state(statuses, "{terminated: {exitCode: " + exitCode + "}}"), state(statuses, "{running: {}}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Always | containers | '' | 0",
                "OnFailure | containers | '' | 1",
                "Never | containers | restartPolicy: Always | 0",
                "Never | containers | restartPolicy: OnFailure | 1",
                "Never | containers | restartPolicy: Never, restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [42]}}] | 42",
                "Never | containers | restartPolicy: Never, restartPolicyRules: [{action: Restart, exitCodes: {operator: NotIn, values: [42]}}] | 1",
                "Never | containers | restartPolicy: Never, restartPolicyRules: [{action: RestartAllContainers, exitCodes: {operator: In, values: [42]}}] | 1",
                "Never | initContainers | restartPolicy: Always | 0",
                "Never | initContainers | restartPolicy: OnFailure | 3",
                "Never | initContainers | restartPolicy: Never, restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [3]}}] | 3",
            })
    void isStartedAgain(String policy, String sort, String container, int exitCode) {
        String pod = pod(policy, sort, container);
        assertEquals(List.of(), PODS.errorsOf(pod));
        assertEquals(List.of(), errors(sort, pod, exitCode));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Never | containers | '' | 1",
                "OnFailure | containers | '' | 0",
                "OnFailure | containers | restartPolicy: Never | 1",
                "Never | containers | restartPolicy: OnFailure | 0",
                "Never | containers | restartPolicy: Never, restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [42]}}] | 41",
                "Never | containers | restartPolicy: Never, restartPolicyRules: [{action: Restart, exitCodes: {operator: NotIn, values: [42]}}] | 42",
                "Never | initContainers | '' | 1",
                "Never | initContainers | restartPolicy: Never | 1",
            })
    void staysEnded(String policy, String sort, String container, int exitCode) {
        String statuses = sort.substring(0, sort.length() - 1) + "Statuses";
        assertEquals(List.of(RESTARTED.formatted(statuses)), errors(sort, pod(policy, sort, container), exitCode));
    }

    @Test
    void whatIsForDebuggingStaysEndedWhateverThePodSays() {
        String statuses = "ephemeralContainerStatuses";
        assertEquals(
                List.of(RESTARTED.formatted(statuses)),
                PODS.errorsOfStatusChange(
                        pod("Always", "containers", ""),
                        state(statuses, "{terminated: {exitCode: 1}}"),
                        state(statuses, "{running: {}}")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "restartPolicy: Sometimes | .restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"Never\", \"OnFailure\"",
                "restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [1]}}] | .restartPolicy: Required value: must specify restartPolicy when restart rules are used",
                "restartPolicy: Never, restartPolicyRules: [{exitCodes: {operator: In, values: [1]}}] | .restartPolicyRules[0].action: Unsupported value: \"\": supported values: \"Restart\", \"RestartAllContainers\"",
                "restartPolicy: Never, restartPolicyRules: [{action: Restart}] | .restartPolicyRules[0].exitCodes: Required value: must be specified",
                "restartPolicy: Never, restartPolicyRules: [{action: Restart, exitCodes: {values: [1]}}] | .restartPolicyRules[0].exitCodes.operator: Unsupported value: \"\": supported values: \"In\", \"NotIn\"",
            })
    void saysWhatIsWrongWithRules(String container, String error) {
        for (String sort : List.of("containers", "initContainers")) {
            List<String> errors = PODS.errorsOf(pod("Never", sort, container));
            assertEquals(List.of("spec." + sort + "[0]" + error), errors);
        }
    }

    @Test
    void rulesAreFew() {
        String rule = "{action: Restart, exitCodes: {operator: In, values: [1]}}";
        String rules =
                "restartPolicy: Never, restartPolicyRules: [" + String.join(", ", Collections.nCopies(21, rule)) + "]";
        assertEquals(
                List.of("spec.containers[0].restartPolicyRules: Too many: 21: must have at most 20 items"),
                PODS.errorsOf(pod("Never", "containers", rules)));
        String codes = String.join(", ", Collections.nCopies(256, "1"));
        assertEquals(
                List.of(
                        "spec.containers[0].restartPolicyRules[0].exitCodes.values: Too many: 256: must have at most 255 items"),
                PODS.errorsOf(pod(
                        "Never",
                        "containers",
                        "restartPolicy: Never, restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: ["
                                + codes + "]}}]")));
    }

    @Test
    void aSidecarMayHaveRules() {
        List<String> errors = PODS.errorsOf(
                pod(
                        "Never",
                        "initContainers",
                        "restartPolicy: Always, restartPolicyRules: [{action: RestartAllContainers, exitCodes: {operator: In, values: [1]}}]"));
        assertTrue(errors.isEmpty(), errors::toString);
    }
}
