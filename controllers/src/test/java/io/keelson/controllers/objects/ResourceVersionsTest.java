package io.keelson.controllers.objects;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ResourceVersionsTest {
    private static ConfigMap at(@Nullable String version) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withResourceVersion(version)
                .endMetadata()
                .build();
    }

    @Test
    void numbersAreInTheirOrderHoweverLongTheyAre() {
        List<String> growing = List.of("1", "9", "10", "99", "100", "9223372036854775807", "9223372036854775808");
        for (int i = 0; i < growing.size(); i++) {
            for (int j = 0; j < growing.size(); j++) {
                assertTrue(ResourceVersions.isOlder(at(growing.get(i)), at(growing.get(j))) == i < j);
            }
        }
    }

    @Test
    void nothingIsOlderThanOrNewerThanWhatIsNoNumber() {
        for (@Nullable
        String opaque : new String[] {null, "", "a", "-1", "+1", "1.5", "007", "0", " 1", "\u0661", "1a"}) {
            assertFalse(ResourceVersions.isOlder(at(opaque), at("5")), () -> opaque + " before 5");
            assertFalse(ResourceVersions.isOlder(at("5"), at(opaque)), () -> "5 before " + opaque);
            assertFalse(ResourceVersions.isOlder(at(opaque), at("b")), () -> opaque + " before b");
        }
    }

    @Test
    void aVersionIsTheSameAsItselfOnly() {
        assertTrue(ResourceVersions.isSame(at("5"), at("5")));
        assertTrue(ResourceVersions.isSame(at("a"), at("a")));
        assertFalse(ResourceVersions.isSame(at("5"), at("6")));
        assertFalse(ResourceVersions.isSame(at(null), at(null)));
    }
}
