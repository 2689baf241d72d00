package io.keelson.apiserver.features;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.kinds.BuiltInKinds;
import io.keelson.apiserver.kinds.OnDemandKind;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.resource.Resource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What of the built-in kinds is served, as flags have it. */
class RuntimeConfigTest {
    private static final List<Resource> BUILT_IN = BuiltInKinds.resources();

    private static ServedVersions served(String... pairs) {
        return RuntimeConfig.of(List.of(pairs)).over(BUILT_IN);
    }

    private static boolean serves(ServedVersions served, String group, String version, String resource) {
        return served.serves(new GroupResource(group, resource), version);
    }

    @Test
    void everythingIsServedUnlessSomethingIsSaid() {
        assertSame(ServedVersions.ALL, served());
        assertSame(ServedVersions.ALL, served("", "apps/v1=true", "api/ga=true", "resource.k8s.io/v1beta1=false"));
        for (Resource resource : BUILT_IN) {
            assertTrue(ServedVersions.ALL.serves(
                    resource.name(), resource.versions().getFirst().version()));
        }
    }

    @Test
    void versionsAndResourcesAreSwitchedOff() {
        ServedVersions some = served("autoscaling/v1=false", "batch/v1/cronjobs=0", "v1/events=f");
        assertFalse(serves(some, "autoscaling", "v1", "horizontalpodautoscalers"));
        assertTrue(serves(some, "autoscaling", "v2", "horizontalpodautoscalers"));
        assertFalse(serves(some, "batch", "v1", "cronjobs"));
        assertTrue(serves(some, "batch", "v1", "jobs"));
        assertFalse(serves(some, "", "v1", "events"));
        assertTrue(serves(some, "events.k8s.io", "v1", "events"));
        assertTrue(serves(some, "", "v1", "pods"));
    }

    @Test
    void whatIsNarrowerWins() {
        ServedVersions some =
                served("apps/v1/deployments=true", "apps/v1=false", "api/all=false", "v1", "batch/v1=true");
        assertTrue(serves(some, "", "v1", "pods"));
        assertTrue(serves(some, "batch", "v1", "jobs"));
        assertTrue(serves(some, "apps", "v1", "deployments"));
        assertFalse(serves(some, "apps", "v1", "daemonsets"));
        assertFalse(serves(some, "policy", "v1", "poddisruptionbudgets"));
        ServedVersions stable = served("api/all=false", "api/ga=true");
        assertTrue(serves(stable, "policy", "v1", "poddisruptionbudgets"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    api/all=false                 | invalid key with only api/all=false
                    api/ga=maybe                  | invalid value api/ga=maybe
                    apps                          | runtime-config invalid key apps
                    apps/v1/deployments/status    | runtime-config invalid key apps/v1/deployments/status
                    apps/v1/Deployment=false      | invalid key apps/v1/Deployment: group/version/resource and resource is always lowercase plural, not "Deployment"
                    apps/v1=maybe                 | invalid value of apps/v1: maybe, err: strconv.ParseBool: parsing "maybe": invalid syntax
                    apps/v7=true                  | group version apps/v7 that has not been registered
                    v7=true                       | group version v7 that has not been registered
                    example.com/v1=true           | unknown api groups example.com
                    apps/v1/things=false          | resource apps/v1/things that has not been registered
                    resource.k8s.io/v1beta1=true  | resource.k8s.io/v1beta1=true: this server does not have resource.k8s.io/v1beta1
                    """)
    void whatThereIsNotIsRefused(String pair, String why) {
        String message = String.valueOf(
                assertThrows(IllegalArgumentException.class, () -> served(pair)).getMessage());
        assertEquals("--runtime-config: " + why, message);
    }

    @Test
    void whatIsServedOnDemandIsServedWhenItIsAskedFor() {
        List<Resource> onDemand =
                BuiltInKinds.onDemand().stream().map(OnDemandKind::resource).toList();
        assertFalse(serves(
                RuntimeConfig.NONE.over(BUILT_IN, onDemand),
                "storagemigration.k8s.io",
                "v1beta1",
                "storageversionmigrations"));
        assertFalse(serves(
                RuntimeConfig.of(List.of("apps/v1=true")).over(BUILT_IN, onDemand),
                "storagemigration.k8s.io",
                "v1beta1",
                "storageversionmigrations"));
        ServedVersions some = RuntimeConfig.of(List.of(
                        "storagemigration.k8s.io/v1beta1",
                        "certificates.k8s.io/v1beta1/clustertrustbundles=true",
                        "resource.k8s.io/v1beta2=false"))
                .over(BUILT_IN, onDemand);
        assertTrue(serves(some, "storagemigration.k8s.io", "v1beta1", "storageversionmigrations"));
        assertTrue(serves(some, "certificates.k8s.io", "v1beta1", "clustertrustbundles"));
        assertFalse(serves(some, "certificates.k8s.io", "v1beta1", "podcertificaterequests"));
        assertFalse(serves(some, "resource.k8s.io", "v1beta2", "devicetaintrules"));
        assertTrue(serves(some, "apps", "v1", "deployments"));
        assertSame(
                ServedVersions.ALL, RuntimeConfig.NONE.over(BUILT_IN, onDemand).without(onDemand));
    }

    @Test
    void aVersionOfWhichThereIsOnlyAPartIsNotServedAsAWhole() {
        List<Resource> onDemand =
                BuiltInKinds.onDemand().stream().map(OnDemandKind::resource).toList();
        RuntimeConfig whole = RuntimeConfig.of(List.of("resource.k8s.io/v1beta2=true"));
        assertEquals(
                "--runtime-config: resource.k8s.io/v1beta2=true: this server does not have resource.k8s.io/v1beta2",
                String.valueOf(assertThrows(IllegalArgumentException.class, () -> whole.over(BUILT_IN, onDemand))
                        .getMessage()));
        assertTrue(serves(
                RuntimeConfig.of(List.of("resource.k8s.io/v1beta2/devicetaintrules=true"))
                        .over(BUILT_IN, onDemand),
                "resource.k8s.io",
                "v1beta2",
                "devicetaintrules"));
    }

    @Test
    void whatOnlyKubernetesHasIsRefusedByName() {
        String message = String.valueOf(assertThrows(IllegalArgumentException.class, () -> served("api/beta=true"))
                .getMessage());
        assertTrue(
                message.startsWith("--runtime-config: api/beta=true: this server does not have"
                        + " admissionregistration.k8s.io/v1beta1, "),
                message);
        assertFalse(message.contains("alpha"), message);
        assertSame(ServedVersions.ALL, served("api/beta=false", "api/alpha=false"));
    }
}
