package io.keelson.apiserver.admission;

/** Has nothing against anything. It does nothing; others have it in their flags. */
public final class AlwaysAdmit implements AdmissionPlugin {
    @Override
    public String name() {
        return "AlwaysAdmit";
    }
}
