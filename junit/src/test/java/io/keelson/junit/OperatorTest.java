package io.keelson.junit;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.extension.ExtendWith;

/** An operator on the Java Operator SDK. */
@SuppressWarnings("ClassCanBeStatic") // JUnit wants inner classes
class OperatorTest {
    /** Against the server of the extension. */
    @Nested
    @KeelsonApi(crds = "crds/pages.yaml")
    class InThisProcess extends OperatorContract {}

    /** Against {@code keelson apiserver}. */
    @Nested
    @ExtendWith(SeparateProcess.class)
    class OverTheWire extends OperatorContract {}
}
