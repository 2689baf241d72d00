package io.keelson.apiserver.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AdmissionPluginsTest {
    private static final String POD = "{metadata: {name: web, namespace: default}}";

    private record Named(String name) implements AdmissionPlugin {}

    private final AdmissionPlugins plugins = new AdmissionPlugins()
            .add("ResourceQuota", () -> new Named("ResourceQuota"))
            .add("AlwaysDeny", AlwaysDeny::new)
            .add("ServiceAccount", () -> new Named("ServiceAccount"))
            .add("LimitRanger", () -> new Named("LimitRanger"));

    private List<String> chain(List<String> enabled, List<String> disabled, Set<String> left) {
        return plugins.chain(enabled, disabled, left).plugins().stream()
                .map(AdmissionPlugin::name)
                .toList();
    }

    @Test
    void orderIsThatOfTheOriginalWhateverIsEnabledFirst() {
        assertEquals(
                List.of("LimitRanger", "ServiceAccount", "ResourceQuota", "AlwaysDeny"),
                chain(List.of("AlwaysDeny", "LimitRanger"), List.of(), Set.of()));
    }

    @Test
    void pluginsForPodGroupsHaveTheirPlacesAndAreOn() {
        List<String> order = AdmissionPlugins.ORDER;
        assertEquals(order.indexOf("StorageObjectInUseProtection") + 1, order.indexOf("PodGroupProtection"));
        assertEquals(order.indexOf("PodTopologyLabels") + 1, order.indexOf("PodGroupWorkloadExists"));
        assertTrue(order.indexOf("PodGroupWorkloadExists") < order.indexOf("JobValidation"));
        assertTrue(order.indexOf("JobValidation") < order.indexOf("MutatingAdmissionPolicy"));
        assertTrue(AdmissionPlugins.onByDefault()
                .containsAll(List.of("PodGroupProtection", "PodGroupWorkloadExists", "JobValidation")));
    }

    @Test
    void whatIsDisabledOrLeftIsOffUnlessEnabled() {
        assertEquals(List.of("ServiceAccount", "ResourceQuota"), chain(List.of(), List.of("LimitRanger"), Set.of()));
        assertEquals(List.of("LimitRanger", "ResourceQuota"), chain(List.of(), List.of(), Set.of("ServiceAccount")));
        assertEquals(
                List.of("LimitRanger", "ServiceAccount", "ResourceQuota"),
                chain(List.of("ServiceAccount"), List.of(), Set.of("ServiceAccount")));
    }

    private String complaint(List<String> enabled, List<String> disabled) {
        return String.valueOf(assertThrows(IllegalArgumentException.class, () -> chain(enabled, disabled, Set.of()))
                .getMessage());
    }

    @Test
    void unknownNamesAreNamed() {
        assertEquals(
                "enable-admission-plugins plugin \"PodPreset\" is unknown", complaint(List.of("PodPreset"), List.of()));
        assertEquals("disable-admission-plugins plugin \"Nope\" is unknown", complaint(List.of(), List.of("Nope")));
        assertEquals(
                "[enable-admission-plugins plugin \"A\" is unknown, disable-admission-plugins plugin \"B\" is unknown]",
                complaint(List.of("A"), List.of("B")));
        assertEquals(
                "[LimitRanger] in enable-admission-plugins and disable-admission-plugins overlapped",
                complaint(List.of("LimitRanger"), List.of("LimitRanger")));
    }

    @Test
    void onesWithoutAPlaceCannotBeAdded() {
        assertThrows(IllegalArgumentException.class, () -> plugins.add("Mine", AlwaysAdmit::new));
    }

    @Test
    void alwaysAdmitAndAlwaysDenyDoWhatTheyAreCalled() throws Exception {
        assertNotNull(TestWrite.create("pods", POD).through(new AlwaysAdmit()));
        assertEquals(
                "admission control is denying all modifications",
                TestWrite.create("pods", POD).refusedBy(new AlwaysDeny()));
    }

    @Test
    void namespacesHaveToExistOrAreMade() throws Exception {
        TestObjects objects = new TestObjects();
        assertEquals(
                "namespaces \"default\" not found",
                TestWrite.create("pods", POD).refusedBy(new NamespaceExists(objects)));
        TestWrite.dryCreate("pods", POD).through(new NamespaceAutoProvision(objects));
        assertNull(objects.now("", "namespaces", "", "default"));
        TestWrite.create("pods", POD).through(new NamespaceAutoProvision(objects));
        assertNotNull(objects.now("", "namespaces", "", "default"));
        TestWrite.create("pods", POD).through(new NamespaceExists(objects));
    }
}
