package io.keelson.apiserver.request;

import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way through the filters. What came over the wire never changes; what filters find out ({@link #user},
 * warnings) is added. One virtual thread at a time.
 */
public final class ApiRequest {
    private final String method;
    private final String target;
    private final RequestInfo info;
    private final Query query;
    private final Headers headers;
    private final Body body;
    private final InetSocketAddress remote;
    private final List<X509Certificate> clientCertificates;
    private final String auditId;
    private final Instant received;
    private final BooleanSupplier gone;
    private final List<String> warnings = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, String> answerHeaders = new LinkedHashMap<>(4);
    private final InitialEvents initialEvents = new InitialEvents();
    private UserInfo user = UserInfo.ANONYMOUS;
    private @Nullable Duration timeLimit;
    private boolean last;
    private boolean leaving;
    private boolean deprecated;
    private @Nullable Termination termination;
    private AuditTrail audit = AuditTrail.NONE;
    private Map<String, String> earlyNotes = Map.of();

    /**
     * A request that nobody sent as such.
     *
     * @param method in upper case
     * @param clientCertificates the client's chain, its own first; empty if it showed none. Not judged yet
     * @param auditId goes with everything that is written down about the request
     * @param gone whether the client has given up
     */
    public ApiRequest(
            String method,
            RequestInfo info,
            Query query,
            Headers headers,
            Body body,
            InetSocketAddress remote,
            List<X509Certificate> clientCertificates,
            String auditId,
            Instant received,
            BooleanSupplier gone) {
        this(
                method,
                query.raw().isEmpty() ? info.path() : info.path() + "?" + query.raw(),
                info,
                query,
                headers,
                body,
                remote,
                clientCertificates,
                auditId,
                received,
                gone);
    }

    /**
     * A request as it came.
     *
     * @param method in upper case
     * @param target path and query as they were sent
     * @param clientCertificates the client's chain, its own first; empty if it showed none. Not judged yet
     * @param auditId goes with everything that is written down about the request
     * @param gone whether the client has given up
     */
    public ApiRequest(
            String method,
            String target,
            RequestInfo info,
            Query query,
            Headers headers,
            Body body,
            InetSocketAddress remote,
            List<X509Certificate> clientCertificates,
            String auditId,
            Instant received,
            BooleanSupplier gone) {
        this.method = method;
        this.target = target;
        this.info = info;
        this.query = query;
        this.headers = headers;
        this.body = body;
        this.remote = remote;
        this.clientCertificates = List.copyOf(clientCertificates);
        this.auditId = auditId;
        this.received = received;
        this.gone = gone;
    }

    public String method() {
        return method;
    }

    /** Path and query as they were sent, with their escapes. */
    public String target() {
        return target;
    }

    public RequestInfo info() {
        return info;
    }

    public Query query() {
        return query;
    }

    public Headers headers() {
        return headers;
    }

    public Body body() {
        return body;
    }

    public InetSocketAddress remote() {
        return remote;
    }

    public List<X509Certificate> clientCertificates() {
        return clientCertificates;
    }

    public String auditId() {
        return auditId;
    }

    public Instant received() {
        return received;
    }

    /** Whether the client has given up, so that nobody waits for the answer. */
    public boolean clientGone() {
        return gone.getAsBoolean();
    }

    /** The time it has, from when it came; what is given if nobody has limited it. */
    public Duration timeLimit(Duration unlimited) {
        Duration limit = timeLimit;
        return limit == null ? unlimited : limit;
    }

    /** Set by who ends it if it takes longer. */
    public void limitTo(Duration limit) {
        timeLimit = limit;
    }

    /** Tells when a watch has sent what it sends first. */
    public InitialEvents initialEvents() {
        return initialEvents;
    }

    /** Has the client make another connection for its next requests. */
    public void endConnection() {
        last = true;
    }

    /** Whether it is the last one on its connection, but for those under way. */
    public boolean endsConnection() {
        return last;
    }

    /** Asks a client of HTTP/2 to make another connection for its next requests; one of HTTP/1 keeps its own. */
    public void askToLeave() {
        leaving = true;
    }

    /** Whether the client is asked to make another connection for its next requests. */
    public boolean asksToLeave() {
        return leaving;
    }

    public UserInfo user() {
        return user;
    }

    /** Set by authentication, and by impersonation. */
    public void becomes(UserInfo newUser) {
        user = newUser;
    }

    /** A header that the answer has, whatever the answer is. */
    public void answerWith(String name, String value) {
        answerHeaders.put(name, value);
    }

    /** The headers that the answer has in any case. */
    public Map<String, String> answerHeaders() {
        return answerHeaders;
    }

    /** Is told what the audit log wants to know. */
    public AuditTrail audit() {
        return audit;
    }

    /** Set by the audit log. */
    public void auditedBy(AuditTrail trail) {
        audit = trail;
        earlyNotes.forEach(trail::note);
    }

    /** Notes something for the audit log, which need not have set itself yet; as {@link AuditTrail#note}. */
    public void noteForAudit(String key, String value) {
        if (earlyNotes.isEmpty()) {
            earlyNotes = new LinkedHashMap<>(2);
        }
        earlyNotes.put(key, value);
        audit.note(key, value);
    }

    /** Notes that it is ended, or not begun, in the server's defense. */
    public void terminatedBy(Termination who) {
        termination = who;
    }

    /** Who has ended it in the server's defense; null if nobody has. */
    public @Nullable Termination termination() {
        return termination;
    }

    /** Notes that it is for a version of an API that is deprecated. */
    public void noteDeprecated() {
        deprecated = true;
    }

    /** Whether it was found to be for a version of an API that is deprecated. */
    public boolean isDeprecated() {
        return deprecated;
    }

    /** A text for the client's attention, sent in a {@code Warning} header. */
    public void warn(String text) {
        warnings.add(text);
    }

    /** The texts so far; a list that others may add to. */
    public List<String> warnings() {
        return warnings;
    }
}
