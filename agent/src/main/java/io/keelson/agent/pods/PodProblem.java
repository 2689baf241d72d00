package io.keelson.agent.pods;

/**
 * Why a pod, or one of its containers, cannot go on now. It is told to users as an event and as the reason that a container
 * waits for, and is tried again.
 */
public final class PodProblem extends Exception {
    private static final long serialVersionUID = 1;

    private final String waitingReason;
    private final String eventReason;

    /**
     * @param waitingReason what {@code kubectl get pods} shows: {@code CreateContainerConfigError}, {@code ErrImagePull},
     *     {@code ImagePullBackOff}, {@code InvalidImageName}, {@code ErrImageNeverPull}, {@code CreateContainerError},
     *     {@code RunContainerError}, {@code PodInitializing}, {@code ContainerCreating}, …
     * @param eventReason the reason of the event: {@code Failed}, {@code FailedMount}, {@code FailedCreatePodSandBox}, …; empty
     *     if nobody is to be told, as for what has been told already
     * @param message what is wrong and, where a user can mend it, how; an event {@code Failed} has {@code Error: } before it
     */
    public PodProblem(String waitingReason, String eventReason, String message) {
        super(message);
        this.waitingReason = waitingReason;
        this.eventReason = eventReason;
    }

    /** The same with what it comes from. */
    public PodProblem(String waitingReason, String eventReason, String message, Throwable cause) {
        super(message, cause);
        this.waitingReason = waitingReason;
        this.eventReason = eventReason;
    }

    /** What a container waits for, as {@code kubectl get pods} shows it. */
    public String waitingReason() {
        return waitingReason;
    }

    /** The reason of the event; empty if there is to be none. */
    public String eventReason() {
        return eventReason;
    }

    /** What is wrong. */
    public String message() {
        String message = getMessage();
        return message == null ? "" : message;
    }
}
