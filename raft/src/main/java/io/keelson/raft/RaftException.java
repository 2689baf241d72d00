package io.keelson.raft;

/** Why a request to the log failed. The subtype says what the caller may conclude and do. */
public abstract sealed class RaftException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RaftException(String message) {
        super(message);
    }

    /** The command was sent but its fate is not known: it may have been applied, or may still be. Do not repeat it blindly. */
    public static final class OutcomeUnknown extends RaftException {
        private static final long serialVersionUID = 1L;

        /** Whether the uncertainty came with a change or loss of the leader, rather than with a slow majority. */
        private final boolean leaderLost;

        public OutcomeUnknown(String message, boolean leaderLost) {
            super(message);
            this.leaderLost = leaderLost;
        }

        public boolean leaderLost() {
            return leaderLost;
        }
    }

    /** No leader is known, and the command was not sent anywhere: it will not take effect. Try again later. */
    public static final class NoLeader extends RaftException {
        private static final long serialVersionUID = 1L;

        public NoLeader(String message) {
            super(message);
        }
    }

    /** Only the leader can do this, and this member is not it. */
    public static final class NotLeader extends RaftException {
        private static final long serialVersionUID = 1L;

        public NotLeader(String message) {
            super(message);
        }
    }

    /** Too many commands or reads wait already; this one was not taken in and will not take effect. */
    public static final class Overloaded extends RaftException {
        private static final long serialVersionUID = 1L;

        public Overloaded(String message) {
            super(message);
        }
    }

    /** The command is larger than the log takes; it will not take effect. */
    public static final class TooLarge extends RaftException {
        private static final long serialVersionUID = 1L;

        public TooLarge(String message) {
            super(message);
        }
    }

    /** A request without effect on the state (a read point, a call, a transfer) was not answered in time. */
    public static final class Timeout extends RaftException {
        private static final long serialVersionUID = 1L;

        public Timeout(String message) {
            super(message);
        }
    }

    /** The other member cannot be reached, or refused the call. */
    public static final class Unreachable extends RaftException {
        private static final long serialVersionUID = 1L;

        public Unreachable(String message) {
            super(message);
        }
    }

    /** The change of members was refused: it names an impossible set of members, or another change is under way. */
    public static final class BadConfiguration extends RaftException {
        private static final long serialVersionUID = 1L;

        public BadConfiguration(String message) {
            super(message);
        }
    }

    /** This member has left service: closed, removed from the cluster, or stopped by a failure that the message names. */
    public static final class Stopped extends RaftException {
        private static final long serialVersionUID = 1L;

        public Stopped(String message) {
            super(message);
        }
    }
}
