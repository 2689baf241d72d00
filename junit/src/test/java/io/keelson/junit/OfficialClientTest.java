package io.keelson.junit;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.extension.ExtendWith;

/** What programs do with the official client. */
@SuppressWarnings("ClassCanBeStatic") // JUnit wants inner classes
class OfficialClientTest {
    /** Against the server of the extension. */
    @Nested
    @KeelsonApi(crds = "crds/pages.yaml")
    class InThisProcess extends OfficialClientContract {}

    /** Against {@code keelson apiserver}. */
    @Nested
    @ExtendWith(SeparateProcess.class)
    class OverTheWire extends OfficialClientContract {}
}
