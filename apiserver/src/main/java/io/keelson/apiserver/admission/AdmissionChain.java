package io.keelson.apiserver.admission;

import io.keelson.apiserver.admission.AdmissionSteps.Step;
import io.keelson.apiserver.errors.ApiException;
import java.util.ArrayList;
import java.util.List;

/** The plugins that are enabled, in their order. */
public final class AdmissionChain {
    private final List<AdmissionPlugin> plugins;
    private final AdmissionSteps steps;

    public AdmissionChain(List<AdmissionPlugin> plugins) {
        this(plugins, AdmissionSteps.UNOBSERVED);
    }

    /** @param steps is told how long all plugins together take */
    public AdmissionChain(List<AdmissionPlugin> plugins, AdmissionSteps steps) {
        this.plugins = List.copyOf(plugins);
        this.steps = steps;
    }

    /** These, and one more at the end. */
    public AdmissionChain and(AdmissionPlugin last) {
        List<AdmissionPlugin> all = new ArrayList<>(plugins);
        all.add(last);
        return new AdmissionChain(all, steps);
    }

    public List<AdmissionPlugin> plugins() {
        return plugins;
    }

    /** Has every plugin change the object that is to be written; once more if one of them wants the others to see it again. */
    public void mutate(AdmissionRequest request) throws InterruptedException {
        long start = System.nanoTime();
        try {
            do {
                mutateOnce(request);
            } while (request.beginSecondRound());
        } catch (ApiException e) {
            steps.taken(Step.ADMIT, request.operation(), System.nanoTime() - start, true);
            throw e;
        }
        steps.taken(Step.ADMIT, request.operation(), System.nanoTime() - start, false);
    }

    private void mutateOnce(AdmissionRequest request) throws InterruptedException {
        for (AdmissionPlugin plugin : plugins) {
            plugin.mutate(request);
        }
    }

    /** Has every plugin judge what is to be written. */
    public void validate(AdmissionRequest request) throws InterruptedException {
        long start = System.nanoTime();
        try {
            for (AdmissionPlugin plugin : plugins) {
                plugin.validate(request);
            }
        } catch (ApiException e) {
            steps.taken(Step.VALIDATE, request.operation(), System.nanoTime() - start, true);
            throw e;
        }
        steps.taken(Step.VALIDATE, request.operation(), System.nanoTime() - start, false);
    }
}
