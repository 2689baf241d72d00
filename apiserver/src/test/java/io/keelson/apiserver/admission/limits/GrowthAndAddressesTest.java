package io.keelson.apiserver.admission.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.TestObjects;
import io.keelson.apiserver.admission.TestWrite;
import org.junit.jupiter.api.Test;

class GrowthAndAddressesTest {
    private static String claim(String size, String storageClass, String phase) {
        return "{metadata: {name: data}, spec: {storageClassName: " + storageClass
                + ", resources: {requests: {storage: " + size + "}}}, status: {phase: " + phase + "}}";
    }

    @Test
    void claimsGrowOnlyIfTheyCan() throws Exception {
        AdmissionPlugin plugin = new PersistentVolumeClaimResize(new TestObjects()
                .with("storageclasses.storage.k8s.io", "{metadata: {name: grows}, allowVolumeExpansion: true}")
                .withUnseen("storageclasses.storage.k8s.io", "{metadata: {name: new}, allowVolumeExpansion: true}")
                .with("storageclasses.storage.k8s.io", "{metadata: {name: stays}}"));
        String claims = "persistentvolumeclaims";
        TestWrite.update(claims, "", claim("2Gi", "grows", "Bound"), claim("1Gi", "grows", "Bound"))
                .through(plugin);
        TestWrite.update(claims, "", claim("2Gi", "new", "Bound"), claim("1Gi", "new", "Bound"))
                .through(plugin);
        TestWrite.update(claims, "", claim("1024Mi", "stays", "Pending"), claim("1Gi", "stays", "Pending"))
                .through(plugin);
        assertEquals(
                "only bound persistent volume claims can be expanded",
                TestWrite.update(claims, "", claim("2Gi", "grows", "Pending"), claim("1Gi", "grows", "Pending"))
                        .refusedBy(plugin));
        for (String storageClass : new String[] {"stays", "gone", "''"}) {
            assertEquals(
                    "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must"
                            + " support resize",
                    TestWrite.update(
                                    claims,
                                    "",
                                    claim("2Gi", storageClass, "Bound"),
                                    claim("1Gi", storageClass, "Bound"))
                            .refusedBy(plugin));
        }
    }

    @Test
    void servicesGetNoNewExternalAddresses() throws Exception {
        AdmissionPlugin plugin = new DenyServiceExternalIps();
        String none = "{metadata: {name: web}, spec: {type: ClusterIP}}";
        String one = "{metadata: {name: web}, spec: {externalIPs: [10.0.0.1]}}";
        String two = "{metadata: {name: web}, spec: {externalIPs: [10.0.0.1, 10.0.0.2]}}";
        String denied = "Use of external IPs is denied by admission control";
        TestWrite.create("services", none).through(plugin);
        assertEquals(denied, TestWrite.create("services", one).refusedBy(plugin));
        assertEquals(denied, TestWrite.update("services", "", two, one).refusedBy(plugin));
        TestWrite.update("services", "", one, two).through(plugin);
    }
}
