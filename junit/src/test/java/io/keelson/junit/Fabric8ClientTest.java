package io.keelson.junit;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.extension.ExtendWith;

/** What programs do with fabric8's client. */
@SuppressWarnings("ClassCanBeStatic") // JUnit wants inner classes
class Fabric8ClientTest {
    /** Against the server of the extension. */
    @Nested
    @KeelsonApi(crds = "crds/pages.yaml")
    class InThisProcess extends Fabric8ClientContract {}

    /** Against {@code keelson apiserver}. */
    @Nested
    @ExtendWith(SeparateProcess.class)
    class OverTheWire extends Fabric8ClientContract {}
}
