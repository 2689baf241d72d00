package io.keelson.controllers.rootca;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.certificates.v1beta1.ClusterTrustBundle;
import io.fabric8.kubernetes.api.model.certificates.v1beta1.ClusterTrustBundleBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.testing.TestCluster;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TrustBundleControllerTest {
    private static final String PREFIX = "kubernetes.io:kube-apiserver-serving:";

    private final TestCluster cluster = TestCluster.withKindsOnDemand();

    @AfterEach
    void close() {
        cluster.close();
    }

    private String authority() {
        return new String(
                Base64.getDecoder().decode(cluster.client().getConfiguration().getCaCertData()),
                StandardCharsets.UTF_8);
    }

    private void make(String name, @Nullable String signer, String certificates) {
        cluster.client()
                .resource(new ClusterTrustBundleBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .withNewSpec(signer, certificates)
                        .build())
                .create();
    }

    private List<String> names() {
        return cluster.client().resources(ClusterTrustBundle.class).list().getItems().stream()
                .map(bundle -> bundle.getMetadata().getName())
                .sorted()
                .toList();
    }

    @Test
    void theBundleIsThereAndOldOnesOfTheSignerGo() throws Exception {
        make(PREFIX + "old", TrustBundleController.SIGNER, authority());
        make("example.com:mesh:its", "example.com/mesh", authority());
        make("nobodys", null, authority());
        cluster.run(TrustBundleController.descriptor(new RootCaSettings(authority())));
        String name = TrustBundleController.name(authority());
        List<String> expected = List.of("example.com:mesh:its", name, "nobodys");
        TestCluster.await("one bundle of the signer", () -> names().equals(expected));
        ClusterTrustBundle published = cluster.client()
                .resources(ClusterTrustBundle.class)
                .withName(name)
                .get();
        assertEquals(authority(), published.getSpec().getTrustBundle());
        cluster.client().resource(published).delete();
        TestCluster.await("it comes back", () -> names().equals(expected));
        cluster.client()
                .resources(ClusterTrustBundle.class)
                .withName(name)
                .edit(bundle -> new ClusterTrustBundleBuilder(bundle)
                        .editSpec()
                        .withTrustBundle("# changed\n" + authority())
                        .endSpec()
                        .build());
        TestCluster.await(
                "it is mended",
                () -> authority()
                        .equals(cluster.client()
                                .resources(ClusterTrustBundle.class)
                                .withName(name)
                                .get()
                                .getSpec()
                                .getTrustBundle()));
    }

    @Test
    void theNameIsOfTheContent() {
        assertTrue(TrustBundleController.name("a").matches(PREFIX + "[0-9a-f]{24}"));
        assertNotEquals(TrustBundleController.name("a"), TrustBundleController.name("b"));
    }

    @Test
    void whatIsNoBundleIsRefused() {
        for (String wrong : List.of("", "no certificate", authority() + authority())) {
            assertEquals(
                    422,
                    assertThrows(KubernetesClientException.class, () -> make("wrong", null, wrong))
                            .getCode());
        }
        assertThrows(
                KubernetesClientException.class, () -> make("unprefixed", TrustBundleController.SIGNER, authority()));
        assertThrows(KubernetesClientException.class, () -> make("a:b", null, authority()));
    }
}
