package io.keelson.apiserver.admission;

import java.util.ArrayList;
import java.util.List;

/** The plugins that are enabled, in their order. */
public final class AdmissionChain {
    private final List<AdmissionPlugin> plugins;

    public AdmissionChain(List<AdmissionPlugin> plugins) {
        this.plugins = List.copyOf(plugins);
    }

    /** These, and one more at the end. */
    public AdmissionChain and(AdmissionPlugin last) {
        List<AdmissionPlugin> all = new ArrayList<>(plugins);
        all.add(last);
        return new AdmissionChain(all);
    }

    public List<AdmissionPlugin> plugins() {
        return plugins;
    }

    /** Has every plugin change the object that is to be written; once more if one of them wants the others to see it again. */
    public void mutate(AdmissionRequest request) throws InterruptedException {
        do {
            mutateOnce(request);
        } while (request.beginSecondRound());
    }

    private void mutateOnce(AdmissionRequest request) throws InterruptedException {
        for (AdmissionPlugin plugin : plugins) {
            plugin.mutate(request);
        }
    }

    /** Has every plugin judge what is to be written. */
    public void validate(AdmissionRequest request) throws InterruptedException {
        for (AdmissionPlugin plugin : plugins) {
            plugin.validate(request);
        }
    }
}
