package io.keelson.apiserver.features;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.kvstore.metrics.Metrics;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which gates may be set to what. */
class FeatureGatesTest {
    private static String metrics(String... pairs) {
        Metrics metrics = new Metrics();
        FeatureGates.of(List.of(pairs)).addTo(metrics);
        return metrics.text();
    }

    private static String refused(String... pairs) {
        return String.valueOf(assertThrows(IllegalArgumentException.class, () -> FeatureGates.of(List.of(pairs)))
                .getMessage());
    }

    @Test
    void metricsSayWhatIsOn() {
        String text = metrics();
        assertTrue(text.contains("# TYPE kubernetes_feature_enabled gauge\n"), text);
        assertTrue(text.contains("kubernetes_feature_enabled{name=\"WatchList\",stage=\"BETA\"} 1\n"), text);
        assertTrue(text.contains("kubernetes_feature_enabled{name=\"NodeDeclaredFeatures\",stage=\"BETA\"} 1\n"), text);
        assertTrue(text.contains("kubernetes_feature_enabled{name=\"StorageVersionAPI\",stage=\"ALPHA\"} 0\n"), text);
        assertTrue(text.contains("kubernetes_feature_enabled{name=\"KMSv1\",stage=\"DEPRECATED\"} 0\n"), text);
        assertTrue(text.contains("kubernetes_feature_enabled{name=\"AllBeta\",stage=\"BETA\"} 0\n"), text);
        assertTrue(text.contains("kubernetes_feature_enabled{name=\"MutatingAdmissionPolicy\",stage=\"\"} 1\n"), text);
    }

    @Test
    void whatIsSoAnywayMayBeSaid() {
        assertEquals(
                metrics(),
                metrics(
                        "WatchList=true",
                        " StorageVersionAPI = F",
                        "kube:KMSv1=0",
                        "",
                        "AllAlpha=false",
                        "AllBeta=false"));
    }

    @Test
    void whatIsForOthersMayBeSwitched() {
        String text = metrics("GracefulNodeShutdown=false", "kube:SchedulerAsyncAPICalls=true");
        assertTrue(text.contains("{name=\"GracefulNodeShutdown\",stage=\"BETA\"} 0\n"), text);
        assertTrue(text.contains("{name=\"SchedulerAsyncAPICalls\",stage=\"BETA\"} 1\n"), text);
    }

    @ParameterizedTest
    @ValueSource(strings = {FeatureGates.STRICT_ADDRESSES, FeatureGates.CACHE_CHECKS})
    void whatIsDoneEitherWayMayBeSwitched(String gate) {
        assertTrue(FeatureGates.usual().isOn(gate));
        assertTrue(FeatureGates.of(List.of(gate + "=true")).isOn(gate));
        assertFalse(FeatureGates.of(List.of(gate + "=false")).isOn(gate));
        assertTrue(metrics(gate + "=false").contains("{name=\"" + gate + "\",stage=\"BETA\"} 0\n"));
        assertThrows(IllegalArgumentException.class, () -> FeatureGates.usual().isOn("Magic"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "AtomicFIFO",
                "ClientsAllowCARotation",
                "ClientsAllowCBOR",
                "ClientsAllowTLSCacheGC",
                "ClientsPreferCBOR",
                "GangScheduling",
                "InOrderInformersBatchProcess",
                "UnlockWhileProcessingFIFO",
                "WatchListClient",
            })
    void whatIsForSchedulersAndClientsIsKnown(String gate) {
        assertTrue(metrics(gate + "=true").contains("{name=\"" + gate + "\",stage="), gate);
        assertTrue(metrics(gate + "=false").contains("{name=\"" + gate + "\",stage="), gate);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    Magic=true                  | unrecognized feature gate: Magic
                    WatchList                   | missing bool value for WatchList
                    WatchList=maybe             | invalid value of WatchList=maybe, err: strconv.ParseBool: parsing "maybe": invalid syntax
                    kubelet:WatchList=true      | component not registered: kubelet
                    DynamicResourceAllocation=0 | cannot set feature gate DynamicResourceAllocation to false, feature is locked to true
                    WatchList=false             | cannot set feature gate WatchList to false, it cannot be switched in this server, where it is true
                    CBORServingAndStorage=true  | cannot set feature gate CBORServingAndStorage to true, it cannot be switched in this server, where it is false
                    AllAlpha=true               | cannot set feature gate AllAlpha to true, it cannot be switched in this server, where it is false
                    """)
    void whatCannotBeIsRefused(String pair, String why) {
        assertEquals("--feature-gates: " + why, refused(pair));
        assertEquals("--feature-gates: " + why, refused("PodDeletionCost=false", pair), "whatever else is said");
    }
}
