package io.keelson.junit;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.extension.ExtendWith;

/** An operator that its author has built of fabric8's informers. */
@SuppressWarnings("ClassCanBeStatic") // JUnit wants inner classes
class InformerOperatorTest {
    /** Against the server of the extension. */
    @Nested
    @KeelsonApi(crds = "crds/pages.yaml")
    class InThisProcess extends InformerOperatorContract {}

    /** Against {@code keelson apiserver}. */
    @Nested
    @ExtendWith(SeparateProcess.class)
    class OverTheWire extends InformerOperatorContract {}
}
