package io.keelson.apiserver.kinds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.resource.Strategy;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplicationControllersTest {
    private static final Kind CONTROLLERS = Kind.of("replicationcontrollers");
    private static final String TEMPLATE =
            "template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: i}]}}";

    private static String controller(String spec) {
        return "{metadata: {name: web}, spec: {" + spec + "}}";
    }

    private static String templated(String labels, String podSpec) {
        return "selector: {app: web}, template: {metadata: {labels: " + labels + "}, spec: {" + podSpec + "}}";
    }

    @Test
    void areWrittenLikeThis() {
        Strategy strategy = CONTROLLERS.resource().strategy();
        assertTrue(strategy.countsGenerations());
        assertTrue(strategy.updatesUnconditionally());
        assertFalse(strategy.createsOnUpdate());
    }

    @ParameterizedTest
    @CsvSource({
        "/spec/replicas, 1",
        "/spec/selector/app, web",
        "/metadata/labels/app, web",
        "/spec/template/spec/restartPolicy, Always",
        "/spec/template/spec/containers/0/imagePullPolicy, Always",
    })
    void areFilledIn(String pointer, String value) {
        assertEquals(
                value, CONTROLLERS.defaulted(controller(TEMPLATE)).at(pointer).asText());
    }

    @Test
    void keepWhatTheyHave() {
        ObjectNode controller = CONTROLLERS.defaulted(
                "{metadata: {name: web, labels: {own: x}}, spec: {replicas: 0, selector: {tier: front}, template: {metadata:"
                        + " {labels: {app: web, tier: front}}}}}");
        assertEquals(0, controller.at("/spec/replicas").asInt(-1));
        assertEquals("{\"tier\":\"front\"}", controller.at("/spec/selector").toString());
        assertFalse(controller.at("/metadata/labels").has("app"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                TEMPLATE,
                "replicas: 0, minReadySeconds: 0, " + TEMPLATE,
                "replicas: 3, selector: {app: web}, " + TEMPLATE,
            })
    void mayBeSet(String spec) {
        assertEquals(List.of(), CONTROLLERS.errorsOf(controller(spec)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            '' | spec.selector: Required value ; spec.template: Required value
            selector: {app: web} | spec.template: Required value
            template: {spec: {POD}} | spec.selector: Required value
            replicas: -1, TEMPLATE | spec.replicas: Invalid value: -1: must be greater than or equal to 0
            minReadySeconds: -1, TEMPLATE | spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0
            selector: {app: other}, TEMPLATE | spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does \
not match template `labels`
            selector: {app: web}, template: {metadata: {labels: {app: web}}, spec: {}} | spec.template.spec.containers: \
Required value
            selector: {app: web}, template: {metadata: {labels: {app: web}}, spec: {restartPolicy: Never, POD}} | \
spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"
            selector: {app: web}, template: {metadata: {labels: {app: web}}, spec: {activeDeadlineSeconds: 5, POD}} | \
spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicationController is not Supported
            selector: {app: web}, template: {metadata: {labels: {app: web}}, spec: {ephemeralContainers: [{name: e, image: \
i}], POD}} | spec.template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template
            """)
    void sayWhatIsWrongWithThem(String spec, String errors) {
        String whole = spec.replace("TEMPLATE", TEMPLATE).replace("POD", "containers: [{name: c, image: i}]");
        assertEquals(List.of(errors.split(" ; ", -1)), CONTROLLERS.errorsOf(controller(whole)));
    }

    @Test
    void mayBecomeOthers() {
        String other = TEMPLATE.replace("app: web", "app: other").replace("image: i", "image: j");
        assertEquals(List.of(), CONTROLLERS.errorsOfChange(controller(TEMPLATE), controller("replicas: 2, " + other)));
    }

    @Test
    void specificationAndStatusAreWrittenApart() {
        String controller = controller(TEMPLATE);
        String counted = controller.replace("spec: {template", "status: {replicas: 5}, spec: {template");
        assertEquals(
                "{\"replicas\":0}", CONTROLLERS.created(counted).path("status").toString());
        assertEquals(
                0,
                CONTROLLERS.changed(controller, counted).at("/status/replicas").asInt(-1));
        ObjectNode written = CONTROLLERS.statusChanged(controller, object -> {
            object.putObject("status").put("replicas", 5);
            object.putObject("spec").put("replicas", 5);
        });
        assertEquals(5, written.at("/status/replicas").asInt());
        assertEquals(1, written.at("/spec/replicas").asInt());
        assertEquals(
                Map.of("status.replicas", "5"),
                CONTROLLERS.resource().strategy().selectableFields(written));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {replicas: 3, fullyLabeledReplicas: 3, readyReplicas: 2, availableReplicas: 1, observedGeneration: 4} | ''
            {replicas: -1} | status.replicas: Invalid value: -1: must be greater than or equal to 0 ; \
status.fullyLabeledReplicas: Invalid value: 0: cannot be greater than status.replicas ; \
status.readyReplicas: Invalid value: 0: cannot be greater than status.replicas ; \
status.availableReplicas: Invalid value: 0: cannot be greater than status.replicas
            {replicas: 0, observedGeneration: -1} | status.observedGeneration: Invalid value: -1: must be greater than or \
equal to 0
            {replicas: 1, fullyLabeledReplicas: 2} | status.fullyLabeledReplicas: Invalid value: 2: cannot be greater than \
status.replicas
            {replicas: 1, readyReplicas: 2} | status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas
            {replicas: 2, readyReplicas: 1, availableReplicas: 2} | status.availableReplicas: Invalid value: 2: cannot be \
greater than readyReplicas
            {replicas: 1, readyReplicas: 1, availableReplicas: 2} | status.availableReplicas: Invalid value: 2: cannot be \
greater than status.replicas ; status.availableReplicas: Invalid value: 2: cannot be greater than readyReplicas
            """)
    void countsFitTogether(String status, String errors) {
        assertEquals(
                errors.isEmpty() ? List.of() : List.of(errors.split(" ; ", -1)),
                CONTROLLERS.errorsOfStatusChange(
                        controller(TEMPLATE), object -> object.set("status", Kind.read(status))));
    }

    @Test
    void tellWhatIsHardlyMeant() {
        String odd = controller(
                templated("{app: web}", "containers: [{name: c, image: i}], imagePullSecrets: [{name: a}, {name: a}]"));
        String warning = "spec.template.spec.imagePullSecrets[1].name: duplicate name \"a\"";
        assertEquals(List.of(warning), CONTROLLERS.warningsOf(odd));
        assertEquals(List.of(), CONTROLLERS.warningsOfChange(odd, odd));
        assertEquals(
                List.of(warning),
                CONTROLLERS.warningsOfChange(odd, odd.replace("spec: {sel", "spec: {replicas: 2, sel")));
        List<String> warnings = CONTROLLERS.warningsOf(controller(TEMPLATE).replace("name: web}", "name: web.1}"));
        assertEquals(1, warnings.size(), warnings::toString);
        assertTrue(
                warnings.getFirst()
                        .startsWith(
                                "metadata.name: this is used in Pod names and hostnames, which can result in surprising"
                                        + " behavior; a DNS label is recommended: ["),
                warnings::getFirst);
    }
}
