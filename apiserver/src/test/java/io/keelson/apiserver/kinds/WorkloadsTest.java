package io.keelson.apiserver.kinds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.validation.FieldError;
import io.keelson.apiserver.validation.FieldErrors;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WorkloadsTest {
    private static final Kind DEPLOYMENTS = Kind.of("deployments.apps");
    private static final Kind REPLICA_SETS = Kind.of("replicasets.apps");
    private static final Kind STATEFUL_SETS = Kind.of("statefulsets.apps");
    private static final Kind DAEMON_SETS = Kind.of("daemonsets.apps");
    private static final Kind JOBS = Kind.of("jobs.batch");
    private static final Kind CRON_JOBS = Kind.of("cronjobs.batch");
    private static final Kind AUTOSCALERS = Kind.of("horizontalpodautoscalers.autoscaling");
    private static final Kind BUDGETS = Kind.of("poddisruptionbudgets.policy");

    private static final String NO_MATCH =
            "spec.template.metadata.labels: Invalid value: {\"app\":\"web\"}: `selector` does not match template `labels`";

    private static String workload(String more) {
        return """
               metadata: {name: web}
               spec:
                 selector: {matchLabels: {app: web}}
                 template:
                   metadata: {labels: {app: web}}
                   spec: {containers: [{name: main, image: nginx}]}
               """ + more.indent(2);
    }

    private static String job(String more) {
        return """
               metadata: {name: once}
               spec:
                 template:
                   spec: {restartPolicy: Never, containers: [{name: main, image: nginx}]}
               """ + more.indent(2);
    }

    private static String cronJob(String more) {
        return """
               metadata: {name: nightly}
               spec:
                 jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: main, image: nginx}]}}}}
               """ + more.indent(2);
    }

    /** As text, however its fields and numbers came about. */
    private static String sorted(JsonNode object) {
        return Json.parse(object.toString()).properties().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(field -> field.getKey() + "="
                        + (field.getValue().isObject() ? sorted(field.getValue()) : field.getValue()))
                .toList()
                .toString();
    }

    /** The fields between braces, each on a line of its own. */
    private static String lines(String fields) {
        return fields.startsWith("{") ? fields.substring(1, fields.length() - 1).replace(", ", "\n") : fields;
    }

    private static void contains(List<String> errors, String error) {
        assertTrue(errors.contains(error), () -> String.join("\n", errors));
    }

    @ParameterizedTest
    @CsvSource({
        "/spec/replicas, 1",
        "/spec/strategy/type, RollingUpdate",
        "/spec/strategy/rollingUpdate/maxUnavailable, 25%",
        "/spec/strategy/rollingUpdate/maxSurge, 25%",
        "/spec/revisionHistoryLimit, 10",
        "/spec/progressDeadlineSeconds, 600",
        "/spec/template/spec/restartPolicy, Always",
        "/spec/template/spec/containers/0/imagePullPolicy, Always",
    })
    void aDeploymentIsFilledIn(String pointer, String value) {
        assertEquals(value, DEPLOYMENTS.defaulted(workload("")).at(pointer).asText());
    }

    @ParameterizedTest
    @CsvSource({
        "/spec/replicas, 1",
        "/spec/podManagementPolicy, OrderedReady",
        "/spec/updateStrategy/type, RollingUpdate",
        "/spec/updateStrategy/rollingUpdate/partition, 0",
        "/spec/revisionHistoryLimit, 10",
        "/spec/persistentVolumeClaimRetentionPolicy/whenDeleted, Retain",
        "/spec/volumeClaimTemplates/0/spec/volumeMode, Filesystem",
    })
    void aStatefulSetIsFilledIn(String pointer, String value) {
        String claims = "volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce]}}]";
        assertEquals(
                value, STATEFUL_SETS.defaulted(workload(claims)).at(pointer).asText());
    }

    @ParameterizedTest
    @CsvSource({
        "/spec/updateStrategy/type, RollingUpdate",
        "/spec/updateStrategy/rollingUpdate/maxUnavailable, 1",
        "/spec/updateStrategy/rollingUpdate/maxSurge, 0",
        "/spec/revisionHistoryLimit, 10",
    })
    void aDaemonSetIsFilledIn(String pointer, String value) {
        assertEquals(value, DAEMON_SETS.defaulted(workload("")).at(pointer).asText());
    }

    @ParameterizedTest
    @CsvSource({
        "/spec/completions, 1",
        "/spec/parallelism, 1",
        "/spec/backoffLimit, 6",
        "/spec/completionMode, NonIndexed",
        "/spec/suspend, false",
        "/spec/podReplacementPolicy, TerminatingOrFailed",
    })
    void aJobIsFilledIn(String pointer, String value) {
        assertEquals(value, JOBS.defaulted(job("")).at(pointer).asText());
    }

    @Test
    void aJobFindsItsPodsByItsOwnUid() {
        ObjectNode job = JOBS.created(job(""));
        String uid = job.at("/metadata/uid").asText();
        assertEquals(
                uid,
                job.at("/spec/selector/matchLabels/batch.kubernetes.io~1controller-uid")
                        .asText());
        assertEquals(
                "once",
                job.at("/spec/template/metadata/labels/batch.kubernetes.io~1job-name")
                        .asText());
        assertEquals("once", job.at("/spec/template/metadata/labels/job-name").asText());
    }

    @ParameterizedTest
    @CsvSource({
        "/spec/concurrencyPolicy, Allow",
        "/spec/suspend, false",
        "/spec/successfulJobsHistoryLimit, 3",
        "/spec/failedJobsHistoryLimit, 1",
    })
    void aCronJobIsFilledIn(String pointer, String value) {
        assertEquals(
                value,
                CRON_JOBS
                        .defaulted(cronJob("schedule: '0 1 * * *'"))
                        .at(pointer)
                        .asText());
    }

    @Test
    void anAutoscalerLooksAtProcessorsUnlessItIsToldOtherwise() {
        ObjectNode scaler = AUTOSCALERS.defaulted(
                "spec: {scaleTargetRef: {kind: Deployment, name: web, apiVersion: apps/v1}, maxReplicas: 3}");
        assertEquals(1, scaler.at("/spec/minReplicas").asInt());
        assertEquals("cpu", scaler.at("/spec/metrics/0/resource/name").asText());
        assertEquals(
                80,
                scaler.at("/spec/metrics/0/resource/target/averageUtilization").asInt());
    }

    @Test
    void whatIsRightIsRight() {
        assertEquals(List.of(), DEPLOYMENTS.errorsOf(workload("")));
        assertEquals(List.of(), REPLICA_SETS.errorsOf(workload("")));
        assertEquals(List.of(), STATEFUL_SETS.errorsOf(workload("serviceName: web")));
        assertEquals(List.of(), DAEMON_SETS.errorsOf(workload("")));
        assertEquals(List.of(), JOBS.errorsOf(job("")));
        assertEquals(List.of(), CRON_JOBS.errorsOf(cronJob("schedule: '*/5 * * * *'")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "replicas: -1 | spec.replicas: Invalid value: -1: must be greater than or equal to 0",
                "minReadySeconds: 600 | spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds",
                "strategy: {type: Replace} | spec.strategy: Unsupported value: {\"type\":\"Replace\"}: supported values: \"Recreate\", \"RollingUpdate\"",
                "strategy: {type: Recreate, rollingUpdate: {}} | spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
                "strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 0}} | spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0",
                "strategy: {rollingUpdate: {maxUnavailable: 101%}} | spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"101%\": must not be greater than 100%",
            })
    void saysWhatIsWrongWithADeployment(String more, String error) {
        contains(DEPLOYMENTS.errorsOf(workload(more)), error);
    }

    @Test
    void aSelectorHasToMatchTheTemplate() {
        String other = workload("").replace("matchLabels: {app: web}", "matchLabels: {app: other}");
        for (Kind kind : List.of(DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS, DAEMON_SETS)) {
            contains(kind.errorsOf(other), NO_MATCH);
        }
    }

    @Test
    void aSelectorIsNeeded() {
        String none = workload("").replace("selector: {matchLabels: {app: web}}", "paused: false");
        for (Kind kind : List.of(DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS)) {
            // None chooses nothing, and so not what the template makes either.
            assertEquals(List.of("spec.selector: Required value", NO_MATCH), kind.errorsOf(none));
        }
        List<String> errors = JOBS.errorsOf(job("manualSelector: true"));
        assertEquals(2, errors.size(), errors::toString);
        assertEquals("spec.selector: Required value", errors.getFirst());
        assertTrue(errors.getLast().endsWith("`selector` does not match template `labels`"), errors::toString);
    }

    @Test
    void aSelectorStaysAsItIs() {
        String after = workload("").replace("app: web", "app: other");
        List<String> errors = DEPLOYMENTS.errorsOfChange(workload(""), after);
        assertEquals(1, errors.size(), errors::toString);
        assertTrue(errors.getFirst().startsWith("spec.selector: Invalid value: "), errors::getFirst);
        assertTrue(errors.getFirst().endsWith(": field is immutable"), errors::getFirst);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Never", "OnFailure"})
    void podsOfADeploymentAreAlwaysRestarted(String policy) {
        String yaml = workload("").replace("spec: {containers", "spec: {restartPolicy: " + policy + ", containers");
        contains(
                DEPLOYMENTS.errorsOf(yaml),
                "spec.template.spec.restartPolicy: Unsupported value: \"" + policy
                        + "\": supported values: \"Always\"");
    }

    @Test
    void podsOfAJobAreNot() {
        String yaml = job("").replace("restartPolicy: Never, ", "");
        contains(
                JOBS.errorsOf(yaml),
                "spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\"");
    }

    @Test
    void aStatefulSetMayChangeInAFewWays() {
        assertEquals(
                List.of(),
                STATEFUL_SETS.errorsOfChange(
                        workload("serviceName: web"), workload("serviceName: web\nreplicas: 3\nminReadySeconds: 5")));
        assertEquals(
                List.of("spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', "
                        + "'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' "
                        + "and 'minReadySeconds' are forbidden"),
                STATEFUL_SETS.errorsOfChange(workload("serviceName: web"), workload("serviceName: other")));
    }

    @Test
    void theTemplateOfAJobStaysAsItIs() {
        String before = job("manualSelector: true\nselector: {matchLabels: {a: b}}")
                .replace("template:", "template:\n    metadata: {labels: {a: b}}");
        String after = before.replace("image: nginx", "image: other");
        List<String> errors = JOBS.errorsOfChange(before, after);
        assertFalse(errors.isEmpty());
        assertTrue(errors.getFirst().startsWith("spec.template: Invalid value: "), errors::getFirst);
        assertTrue(errors.getFirst().endsWith(": field is immutable"), errors::getFirst);
    }

    @Test
    void whatIsFilledInMayBeSaid() {
        String before = job("manualSelector: true\nselector: {matchLabels: {a: b}}")
                .replace("template:", "template:\n    metadata: {labels: {a: b}}");
        assertEquals(List.of(), JOBS.errorsOfChange(before, before + "  completions: 1\n"));
        assertEquals(
                List.of("spec.completions: Invalid value: 2: field is immutable"),
                JOBS.errorsOfChange(before, before + "  completions: 2\n"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "true  | {}                                                                              | true",
                "true  | {startTime: x, active: 0, conditions: [{type: Suspended, status: \"True\"}]}      | true",
                "true  | {startTime: x, active: 1, conditions: [{type: Suspended, status: \"True\"}]}      | false",
                "true  | {startTime: x, conditions: [{type: Suspended, status: \"False\"}]}                | false",
                "true  | {startTime: x}                                                                  | false",
                "true  | {active: 1}                                                                     | false",
                "false | {}                                                                              | false",
            })
    void aJobThatRestsMayBeToldWhereToRunAndWhatItGets(boolean suspend, String status, boolean may) {
        String before = job("suspend: " + suspend)
                .replace("spec: {restart", "spec: {initContainers: [{name: first, image: nginx}], restart");
        String resources = ", resources: {requests: {cpu: 1}}}";
        for (String after : List.of(
                before.replace("restartPolicy", "nodeSelector: {a: b}, restartPolicy"),
                before.replace("restartPolicy", "tolerations: [{key: a, operator: Exists}], restartPolicy"),
                before.replace("name: main, image: nginx}", "name: main, image: nginx" + resources),
                before.replace("name: first, image: nginx}", "name: first, image: nginx" + resources))) {
            assertEquals(may, errorsOfJobChange(before, status, after).isEmpty(), after);
        }
        for (String after : List.of(
                before.replace("name: main, image: nginx", "name: main, image: other"),
                before.replace("name: main, image: nginx}", "name: other, image: nginx" + resources),
                before.replace("name: main, image: nginx}", "name: main, image: nginx}, {name: b, image: nginx}"))) {
            List<String> errors = errorsOfJobChange(before, status, after);
            assertEquals(1, errors.size(), after);
            assertTrue(errors.getFirst().startsWith("spec.template: Invalid value: "), errors::getFirst);
            assertTrue(errors.getFirst().endsWith(": field is immutable"), errors::getFirst);
        }
    }

    private static List<String> errorsOfJobChange(String before, String status, String after) {
        ObjectNode old = JOBS.created(before);
        old.set("status", Kind.read(status));
        FieldErrors errors = new FieldErrors();
        JOBS.resource().strategy().validateUpdate(JOBS.created(after), old, errors);
        return errors.list().stream().map(FieldError::toString).toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "parallelism: -1 | spec.parallelism: Invalid value: -1: must be greater than or equal to 0",
                "{completionMode: Indexed, parallelism: 2} | spec.completions: Required value: when completion mode is Indexed",
                "backoffLimitPerIndex: 1 | spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode",
            })
    void saysWhatIsWrongWithAJob(String more, String error) {
        contains(JOBS.errorsOf(job(lines(more))), error);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "schedule: '' | spec.schedule: Required value",
                "schedule: '* * * *' | spec.schedule: Invalid value: \"* * * *\": expected exactly 5 fields, found 4: [* * * *]",
                "schedule: 'TZ=UTC 0 * * * *' | spec.schedule: Invalid value: \"TZ=UTC 0 * * * *\": cannot use TZ or CRON_TZ in schedule, use timeZone field instead",
                "{schedule: '@daily', concurrencyPolicy: Never} | spec.concurrencyPolicy: Unsupported value: \"Never\": supported values: \"Allow\", \"Forbid\", \"Replace\"",
                "{schedule: '@daily', timeZone: UTC+3} | spec.timeZone: Invalid value: \"UTC+3\": unknown time zone UTC+3",
                "{schedule: '@daily', timeZone: Z} | spec.timeZone: Invalid value: \"Z\": unknown time zone Z",
                "{schedule: '@daily', timeZone: TZ=UTC} | spec.timeZone: Invalid value: \"TZ=UTC\": unknown time zone TZ=UTC",
                "schedule: 'TZ=UTC+3 0 * * * *' | spec.schedule: Invalid value: \"TZ=UTC+3 0 * * * *\": provided bad location UTC+3: unknown time zone UTC+3",
                "{schedule: '@daily', timeZone: Nowhere/Land} | spec.timeZone: Invalid value: \"Nowhere/Land\": unknown time zone Nowhere/Land",
            })
    void saysWhatIsWrongWithACronJob(String more, String error) {
        contains(CRON_JOBS.errorsOf(cronJob(lines(more))), error);
    }

    @ParameterizedTest
    @CsvSource({"Europe/Zurich", "UTC", "Etc/GMT+3", "EST", "America/Argentina/Buenos_Aires"})
    void goesByTheClockOfAPlace(String zone) {
        assertEquals(List.of(), CRON_JOBS.errorsOf(cronJob("schedule: '@daily'\ntimeZone: " + zone)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{maxReplicas: 0} | spec.maxReplicas: Invalid value: 0: must be greater than 0",
                "{minReplicas: 5, maxReplicas: 3} | spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`",
                "{minReplicas: 0, maxReplicas: 3} | spec.minReplicas: Invalid value: 0: must be greater than or equal to 1",
            })
    void saysWhatIsWrongWithAnAutoscaler(String spec, String error) {
        String yaml = "metadata: {name: web}\nspec: "
                + spec.replace("{", "{scaleTargetRef: {kind: Deployment, name: web, apiVersion: apps/v1}, ");
        contains(AUTOSCALERS.errorsOf(yaml), error);
    }

    @Test
    void aBudgetSaysOneOfTwo() {
        contains(
                BUDGETS.errorsOf("metadata: {name: a}\nspec: {minAvailable: 1, maxUnavailable: 1, selector: {}}"),
                "spec: Invalid value: {\"minAvailable\":1,\"maxUnavailable\":1,\"selector\":{}}: "
                        + "minAvailable and maxUnavailable cannot be both set");
    }

    @Test
    void anAutoscalerSurvivesBeingVersionOne() {
        ObjectNode two = AUTOSCALERS.defaulted("""
                apiVersion: autoscaling/v2
                metadata: {name: web}
                spec:
                  scaleTargetRef: {kind: Deployment, name: web, apiVersion: apps/v1}
                  maxReplicas: 9
                  behavior: {scaleDown: {stabilizationWindowSeconds: 60}}
                  metrics:
                  - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}
                  - {type: Pods, pods: {metric: {name: packets}, target: {type: AverageValue, averageValue: 1k}}}
                """);
        var conversion = AUTOSCALERS.resource().conversion();
        ObjectNode one = conversion.convert(two.deepCopy(), "v2", "v1");
        assertEquals(70, one.at("/spec/targetCPUUtilizationPercentage").asInt());
        ObjectNode back = conversion.convert(one, "v1", "v2");
        assertEquals(
                two.at("/spec/behavior").toString(), back.at("/spec/behavior").toString());
        assertEquals(2, back.at("/spec/metrics").size());
        assertTrue(back.at("/metadata/annotations").isMissingNode()
                || back.at("/metadata/annotations").isEmpty());
        Set<String> metrics = new HashSet<>();
        back.at("/spec/metrics").forEach(metric -> metrics.add(sorted(metric)));
        two.at("/spec/metrics").forEach(metric -> assertTrue(metrics.contains(sorted(metric)), metrics::toString));
    }
}
