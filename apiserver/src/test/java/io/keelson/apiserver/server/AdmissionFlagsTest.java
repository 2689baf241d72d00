package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionPlugins;
import io.keelson.apiserver.admission.NoKinds;
import io.keelson.apiserver.admission.TestObjects;
import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.egress.EgressClients;
import io.keelson.apiserver.routing.ServiceRouting;
import io.keelson.apiserver.webhook.WebhookClient;
import io.keelson.kvstore.metrics.Metrics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class AdmissionFlagsTest {
    private static List<String> chain(boolean controllers, String... flags) {
        AdmissionSettings settings =
                CommandLine.populateCommand(new AdmissionFlags(), flags).settings(controllers);
        TestObjects objects = new TestObjects();
        try (WebhookClient webhooks = new WebhookClient(new ServiceRouting(objects, false), EgressClients.DIRECT)) {
            return Admission.of(
                            objects,
                            new NoKinds(),
                            Authorizer.ALWAYS_ALLOW,
                            settings,
                            webhooks,
                            new Metrics(),
                            _ -> {},
                            InstantSource.system())
                    .plugins()
                    .stream()
                    .map(AdmissionPlugin::name)
                    .toList();
        }
    }

    @Test
    void accountsAreAskedForOnlyWhereControllersMakeThemOrByFlag() {
        assertTrue(chain(true).contains("ServiceAccount"));
        assertFalse(chain(false).contains("ServiceAccount"));
        assertTrue(chain(false, "--enable-admission-plugins=ServiceAccount").contains("ServiceAccount"));
        assertFalse(chain(true, "--disable-admission-plugins=ServiceAccount,LimitRanger")
                .contains("ServiceAccount"));
    }

    @Test
    void everyPluginKnowsItsName() {
        List<String> known = AdmissionPlugins.ORDER.stream()
                .filter(name -> {
                    try {
                        return chain(false, "--enable-admission-plugins=" + name)
                                .contains(name);
                    } catch (IllegalArgumentException e) {
                        return false;
                    }
                })
                .toList();
        assertTrue(known.containsAll(List.of("NamespaceLifecycle", "LimitRanger", "Priority", "ResourceQuota")));
        List<String> all = new ArrayList<>(known);
        all.add("DeviceAdminAccess");
        assertEquals(all, chain(false, "--enable-admission-plugins=" + String.join(",", known)));
    }

    @Test
    void pluginsForWhatIsNotServedCanBeNamed() {
        for (String name : List.of("PodGroupProtection", "PodGroupWorkloadExists", "JobValidation")) {
            assertTrue(chain(false).contains(name), name);
            assertTrue(chain(false, "--enable-admission-plugins=" + name).contains(name), name);
            assertFalse(chain(false, "--disable-admission-plugins=" + name).contains(name), name);
        }
    }

    @Test
    void resizedPodsAreHeldToTheirNodesUnlessThatIsDisabled() {
        List<String> plugins = chain(false);
        assertEquals(plugins.indexOf("PodGroupWorkloadExists") + 1, plugins.indexOf("NodeDeclaredFeatureValidator"));
        assertEquals(plugins.indexOf("NodeDeclaredFeatureValidator") + 1, plugins.indexOf("JobValidation"));
        assertEquals(plugins.indexOf("JobValidation") + 1, plugins.indexOf("PodResizeValidator"));
        assertEquals(plugins.indexOf("PodResizeValidator") + 1, plugins.indexOf("MutatingAdmissionPolicy"));
        assertFalse(
                chain(false, "--disable-admission-plugins=PodResizeValidator").contains("PodResizeValidator"));
    }

    @Test
    void aFileConfiguresPlugins(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("admission.yaml");
        Files.writeString(folder.resolve("events.yaml"), """
                apiVersion: eventratelimit.admission.k8s.io/v1alpha1
                kind: Configuration
                limits: [{type: Server, qps: 10, burst: 20}]
                """);
        Files.writeString(file, """
                apiVersion: apiserver.config.k8s.io/v1
                kind: AdmissionConfiguration
                plugins:
                - name: EventRateLimit
                  path: events.yaml
                - name: PodSecurity
                  configuration:
                    apiVersion: pod-security.admission.config.k8s.io/v1
                    kind: PodSecurityConfiguration
                    defaults: {enforce: baseline}
                """);
        String flag = "--admission-control-config-file=" + file;
        assertTrue(
                chain(false, flag, "--enable-admission-plugins=EventRateLimit").contains("EventRateLimit"));
        assertThrows(IllegalArgumentException.class, () -> chain(false, "--enable-admission-plugins=EventRateLimit"));
        Files.writeString(folder.resolve("events.yaml"), "{}");
        assertThrows(
                IllegalArgumentException.class, () -> chain(false, flag, "--enable-admission-plugins=EventRateLimit"));
        Files.writeString(
                file,
                "{apiVersion: apiserver.config.k8s.io/v1, kind: AdmissionConfiguration, plugins:"
                        + " [{name: Unknown, configuration: {}}]}");
        assertEquals(
                "--admission-control-config-file: " + file + ": the plugin \"Unknown\" is not configurable here",
                assertThrows(IllegalArgumentException.class, () -> chain(false, flag))
                        .getMessage());
    }

    @Test
    void whoIsAskedAboutImagesHasToBeSaid() {
        assertFalse(chain(false).contains("ImagePolicyWebhook"));
        assertEquals(
                "ImagePolicyWebhook needs a configuration in --admission-control-config-file",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> chain(false, "--enable-admission-plugins=ImagePolicyWebhook"))
                        .getMessage());
    }

    @Test
    void nodesAreRestrictedWhereTheyAreToldApartUnlessThatIsDisabled() {
        AdmissionSettings plain = AdmissionSettings.WITHOUT_CONTROLLERS;
        assertEquals(List.of("NodeRestriction"), plain.withNodes().enabled());
        assertEquals(List.of("NodeRestriction"), plain.withNodes().withNodes().enabled());
        assertEquals(
                List.of(),
                plain.with(List.of(), List.of("NodeRestriction")).withNodes().enabled());
    }

    @Test
    void helpSaysWhenAccountsAreAskedFor() {
        String help = new CommandLine(new ApiServerCommand()).getUsageMessage().replaceAll("\\s+", " ");
        assertTrue(help.contains("ServiceAccount does by default only with --etcd-servers"), help);
    }
}
