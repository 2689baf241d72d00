package io.keelson.apiserver.admission.podsecurity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.admission.TestObjects;
import io.keelson.apiserver.admission.TestWrite;
import io.keelson.apiserver.object.Yaml;
import io.keelson.kvstore.metrics.Metrics;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Namespaces and their modes, exemptions, templates, and changes. */
final class PodSecurityTest {
    private static final String PRIVILEGED = "containers: [{name: c, image: i, securityContext: {privileged: true}}]";
    private static final String COMPLAINT = "privileged (container \"c\" must not set securityContext.privileged=true)";

    private static PodSecurity plugin(String labels) {
        return plugin(labels, PodSecurityConfiguration.DEFAULT);
    }

    private static PodSecurity plugin(String labels, PodSecurityConfiguration configuration) {
        return new PodSecurity(in(labels), configuration, new PodSecurityMetrics(new Metrics()));
    }

    private static TestObjects in(String labels) {
        return new TestObjects().with("namespaces", namespace("default", labels));
    }

    private static String namespace(String name, String labels) {
        StringBuilder all = new StringBuilder();
        for (String label : labels.split(" ", -1)) {
            if (!label.isEmpty()) {
                all.append("pod-security.kubernetes.io/").append(label).append(", ");
            }
        }
        return "{metadata: {name: " + name + ", labels: {" + all.toString().replace("=", ": ") + "}}}";
    }

    private static String pod(String meta, String spec) {
        return "{metadata: {name: p, namespace: default, " + meta + "}, spec: {" + spec + "}}";
    }

    private static PodSecurityConfiguration configuration(String body) {
        return PodSecurityConfiguration.parse(Yaml.parseObject(
                ("{apiVersion: pod-security.admission.config.k8s.io/v1, kind: PodSecurityConfiguration, " + body + "}")
                        .getBytes(StandardCharsets.UTF_8),
                new ArrayList<>()));
    }

    @Test
    void whatIsEnforcedIsRefused() throws Exception {
        TestWrite write = TestWrite.create("pods", pod("", PRIVILEGED));
        assertEquals(
                "violates PodSecurity \"baseline:v1.30\": " + COMPLAINT,
                write.refusedBy(plugin("enforce=baseline enforce-version=v1.30")));
        write.through(plugin("enforce=privileged"));
        write.through(plugin(""));
    }

    @Test
    void theOtherModesOnlyTell() throws Exception {
        TestWrite write = TestWrite.create("pods", pod("", PRIVILEGED));
        write.through(plugin("audit=baseline"));
        assertEquals(
                "would violate PodSecurity \"baseline:latest\": " + COMPLAINT,
                write.request().auditAnnotations().get("pod-security.kubernetes.io/audit-violations"));
        assertEquals(
                "privileged:latest",
                write.request().auditAnnotations().get("pod-security.kubernetes.io/enforce-policy"));
    }

    @Test
    void aLevelThatIsNoneIsTheStrictest() {
        TestWrite write = TestWrite.create("pods", pod("", PRIVILEGED));
        assertTrue(write.refusedBy(plugin("enforce=x")).startsWith("violates PodSecurity \"restricted:latest\": "));
    }

    @Test
    void templatesAreNeverRefused() throws Exception {
        String template = "template: {spec: {" + PRIVILEGED + "}}";
        PodSecurity plugin = plugin("enforce=baseline audit=baseline");
        for (String resource : new String[] {"deployments.apps", "jobs.batch", "replicationcontrollers"}) {
            TestWrite write = TestWrite.create(resource, pod("", template));
            write.through(plugin);
            assertTrue(write.request().auditAnnotations().containsKey("pod-security.kubernetes.io/audit-violations"));
        }
        TestWrite write = TestWrite.create("cronjobs.batch", pod("", "jobTemplate: {spec: {" + template + "}}"));
        write.through(plugin);
        assertTrue(write.request().auditAnnotations().containsKey("pod-security.kubernetes.io/audit-violations"));
    }

    @Test
    void changesThatCannotMatterPass() throws Exception {
        PodSecurity plugin = plugin("enforce=baseline");
        String old = pod("", PRIVILEGED);
        TestWrite.update("pods", "", pod("labels: {a: b}", PRIVILEGED), old).through(plugin);
        TestWrite.update("pods", "status", pod("", PRIVILEGED.replace("image: i", "image: j")), old)
                .through(plugin);
        String image = pod("", PRIVILEGED.replace("image: i", "image: j"));
        assertTrue(TestWrite.update("pods", "", image, old).refusedBy(plugin).contains(COMPLAINT));
        String debugged = pod("", PRIVILEGED + ", ephemeralContainers: [{name: e, image: i}]");
        assertTrue(TestWrite.update("pods", "ephemeralcontainers", debugged, old)
                .refusedBy(plugin)
                .contains(COMPLAINT));
    }

    @Test
    void labelsOfNamespacesAreChecked() throws Exception {
        PodSecurity plugin = plugin("");
        assertEquals(
                "Namespace \"team\" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: \"x\":"
                        + " must be one of privileged, baseline, restricted",
                TestWrite.create("namespaces", namespace("team", "enforce=x")).refusedBy(plugin));
        assertEquals(
                "Namespace \"team\" is invalid: metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value:"
                        + " \"x\": must be \"latest\" or \"v1.x\"",
                TestWrite.create("namespaces", namespace("team", "warn-version=x"))
                        .refusedBy(plugin));
        TestWrite.update("namespaces", "", namespace("team", "enforce=x"), namespace("team", "enforce=x"))
                .through(plugin);
    }

    @Test
    void existingPodsAreCounted() {
        TestObjects objects = in("");
        for (String name : new String[] {"b", "a", "d"}) {
            objects.with("pods", pod("", PRIVILEGED).replace("name: p,", "name: " + name + ","));
        }
        objects.with("pods", pod("", "hostNetwork: true"));
        objects.with("pods", pod("", "containers: [{name: c}]").replace("name: p,", "name: z,"));
        assertEquals(
                List.of(
                        "existing pods in namespace \"default\" violate the new PodSecurity enforce level"
                                + " \"baseline:latest\"",
                        "a (and 2 other pods): privileged",
                        "p: host namespaces"),
                ExistingPods.warnings(
                        "default",
                        new Standard(Level.BASELINE, Standard.LATEST),
                        objects.all("", "pods", "default"),
                        Exemptions.NONE));
    }

    @Test
    void theConfigurationSetsDefaultsAndExempts() throws Exception {
        TestWrite write = TestWrite.create("pods", pod("", PRIVILEGED + ", runtimeClassName: kata"));
        PodSecurityConfiguration strict = configuration("defaults: {enforce: baseline, enforce-version: v1.30}");
        assertEquals("violates PodSecurity \"baseline:v1.30\": " + COMPLAINT, write.refusedBy(plugin("", strict)));
        write.through(plugin("enforce=privileged", strict));
        for (String exempt : new String[] {"namespaces: [default]", "runtimeClasses: [kata]"}) {
            write.through(plugin("", configuration("defaults: {enforce: baseline}, exemptions: {" + exempt + "}")));
        }
        assertEquals(
                "unknown field \"defaults.enforced\", defaults.audit: Invalid value: \"x\": must be one of privileged,"
                        + " baseline, restricted, exemptions.usernames: names must not be empty",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> configuration("defaults: {enforced: a, audit: x}, exemptions: {usernames: ['']}"))
                        .getMessage());
    }

    /** The lines of a metric, without its name. */
    private static List<String> lines(Metrics metrics, String name) {
        return metrics.text()
                .lines()
                .filter(line -> line.startsWith(name + "{"))
                .map(line -> line.substring(name.length()))
                .toList();
    }

    @Test
    void evaluationsAreCounted() throws Exception {
        Metrics metrics = new Metrics();
        PodSecurityMetrics counted = new PodSecurityMetrics(metrics);
        PodSecurity lax = new PodSecurity(in("enforce-version=v1.20"), PodSecurityConfiguration.DEFAULT, counted);
        TestWrite.create("pods", pod("", PRIVILEGED)).through(lax);
        TestWrite.update("pods", "", pod("labels: {a: b}", PRIVILEGED), pod("", PRIVILEGED))
                .through(lax);
        PodSecurity strict = new PodSecurity(
                in("enforce=baseline enforce-version=v1.30 audit=restricted audit-version=v1.99 warn=baseline"),
                PodSecurityConfiguration.DEFAULT,
                counted);
        var _ = TestWrite.create("pods", pod("", PRIVILEGED)).refusedBy(strict);
        TestWrite.create("deployments.apps", pod("", "template: {spec: {" + PRIVILEGED + "}}"))
                .through(strict);
        String written = "request_operation=\"create\",resource=\"%s\",subresource=\"\"} 1";
        String pod = written.formatted("pod");
        String controller = written.formatted("controller");
        assertEquals(
                List.of(
                        "{decision=\"allow\",mode=\"enforce\",policy_level=\"privileged\",policy_version=\"latest\","
                                + pod,
                        "{decision=\"allow\",mode=\"enforce\",policy_level=\"privileged\",policy_version=\"latest\","
                                + pod.replace("create", "update"),
                        "{decision=\"deny\",mode=\"audit\",policy_level=\"restricted\",policy_version=\"future\","
                                + controller,
                        "{decision=\"deny\",mode=\"audit\",policy_level=\"restricted\",policy_version=\"future\","
                                + pod,
                        "{decision=\"deny\",mode=\"enforce\",policy_level=\"baseline\",policy_version=\"v1.30\"," + pod,
                        "{decision=\"deny\",mode=\"warn\",policy_level=\"baseline\",policy_version=\"latest\","
                                + controller),
                lines(metrics, "pod_security_evaluations_total"));
    }

    @Test
    void exemptionsAndErrorsAreCounted() throws Exception {
        Metrics metrics = new Metrics();
        PodSecurityMetrics counted = new PodSecurityMetrics(metrics);
        String written = "request_operation=\"create\",resource=\"pod\",subresource=\"\"} ";
        TestWrite write = TestWrite.create("pods", pod("", PRIVILEGED + ", runtimeClassName: kata"));
        for (String exempt : new String[] {"namespaces: [default]", "runtimeClasses: [kata]"}) {
            write.through(
                    new PodSecurity(in("enforce=baseline"), configuration("exemptions: {" + exempt + "}"), counted));
        }
        assertEquals(List.of("{" + written + "2"), lines(metrics, "pod_security_exemptions_total"));
        assertEquals(List.of(), lines(metrics, "pod_security_evaluations_total"));
        PodSecurity wrong = new PodSecurity(in("warn=x"), PodSecurityConfiguration.DEFAULT, counted);
        write.through(wrong);
        PodSecurity nowhere = new PodSecurity(new TestObjects(), PodSecurityConfiguration.DEFAULT, counted);
        var _ = write.refusedBy(nowhere);
        assertEquals(
                List.of("{fatal=\"false\"," + written + "1", "{fatal=\"true\"," + written + "1"),
                lines(metrics, "pod_security_errors_total"));
    }
}
