package io.keelson.apiserver.admission;

/** Refuses every write, for tests. */
public final class AlwaysDeny implements AdmissionPlugin {
    private static final String WHY = "admission control is denying all modifications";

    @Override
    public String name() {
        return "AlwaysDeny";
    }

    @Override
    public void mutate(AdmissionRequest request) {
        throw request.forbidden(WHY);
    }

    @Override
    public void validate(AdmissionRequest request) {
        throw request.forbidden(WHY);
    }
}
