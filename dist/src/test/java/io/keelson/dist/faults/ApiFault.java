package io.keelson.dist.faults;

import io.keelson.kvstore.faults.MemberProcess;
import java.io.IOException;
import java.util.Locale;
import java.util.SplittableRandom;

/** What is done to a control plane. Each fault is done, stands for a while, and is undone. */
enum ApiFault {
    /** kill -9 of the member that leads; it is started again. */
    LEADER_KILL(true) {
        @Override
        void hurt(ControlPlaneProcesses plane, Victims victims) {
            victims.leader(plane).kill();
        }

        @Override
        void heal(ControlPlaneProcesses plane, Victims victims) throws IOException, InterruptedException {
            plane.startStore();
        }
    },
    /** The leader hands over to another member, twice. */
    LEADER_MOVE(true) {
        @Override
        void hurt(ControlPlaneProcesses plane, Victims victims) {
            var _ = plane.store().moveLeader(victims.member());
        }

        @Override
        void heal(ControlPlaneProcesses plane, Victims victims) {
            var _ = plane.store()
                    .moveLeader((victims.member() + 1) % plane.store().members().size());
        }
    },
    /** SIGSTOP of a member, with all its connections open. */
    MEMBER_PAUSE(true) {
        @Override
        void hurt(ControlPlaneProcesses plane, Victims victims) throws IOException, InterruptedException {
            plane.store().members().get(victims.member()).pause();
        }

        @Override
        void heal(ControlPlaneProcesses plane, Victims victims) throws IOException, InterruptedException {
            plane.store().members().get(victims.member()).resume();
        }
    },
    /** kill -9 of all members. */
    STORE_GONE(true) {
        @Override
        void hurt(ControlPlaneProcesses plane, Victims victims) {
            plane.store().members().forEach(MemberProcess::kill);
        }

        @Override
        void heal(ControlPlaneProcesses plane, Victims victims) throws IOException, InterruptedException {
            plane.startStore();
        }
    },
    /** SIGSTOP of all members: connections stay open, and nobody answers. */
    STORE_PAUSE(true) {
        @Override
        void hurt(ControlPlaneProcesses plane, Victims victims) throws IOException, InterruptedException {
            for (MemberProcess member : plane.store().members()) {
                member.pause();
            }
        }

        @Override
        void heal(ControlPlaneProcesses plane, Victims victims) throws IOException, InterruptedException {
            for (MemberProcess member : plane.store().members()) {
                member.resume();
            }
        }
    },
    /** kill -9 of an API server. */
    API_KILL(false) {
        @Override
        void hurt(ControlPlaneProcesses plane, Victims victims) {
            plane.apiServer(victims.apiServer()).kill();
        }

        @Override
        void heal(ControlPlaneProcesses plane, Victims victims) throws IOException {
            plane.apiServer(victims.apiServer()).start();
        }
    },
    /** SIGSTOP of an API server. */
    API_PAUSE(false) {
        @Override
        void hurt(ControlPlaneProcesses plane, Victims victims) throws IOException, InterruptedException {
            plane.apiServer(victims.apiServer()).pause();
        }

        @Override
        void heal(ControlPlaneProcesses plane, Victims victims) throws IOException, InterruptedException {
            plane.apiServer(victims.apiServer()).resume();
        }
    },
    /** kill -9 of all API servers. */
    API_KILL_ALL(false) {
        @Override
        void hurt(ControlPlaneProcesses plane, Victims victims) {
            plane.apiServers().forEach(ApiServerProcess::kill);
        }

        @Override
        void heal(ControlPlaneProcesses plane, Victims victims) throws IOException {
            for (ApiServerProcess server : plane.apiServers()) {
                server.start();
            }
        }
    };

    private final boolean ofStore;

    ApiFault(boolean ofStore) {
        this.ofStore = ofStore;
    }

    /** Whether it is done to the store; the others are done to API servers. */
    boolean ofStore() {
        return ofStore;
    }

    /** Whether no member answers meanwhile. */
    boolean leavesNoStore() {
        return this == STORE_GONE || this == STORE_PAUSE;
    }

    /**
     * Whom it is done to.
     *
     * @param member if it is done to one
     * @param apiServer if it is done to one
     */
    record Victims(int member, int apiServer) {
        static Victims drawn(ControlPlaneProcesses plane, SplittableRandom random) {
            return new Victims(
                    random.nextInt(plane.store().members().size()),
                    random.nextInt(plane.apiServers().size()));
        }

        /** The member that leads, or the one drawn if nobody does. */
        MemberProcess leader(ControlPlaneProcesses plane) {
            int leader = plane.store().leader();
            return plane.store().members().get(leader >= 0 ? leader : member);
        }
    }

    abstract void hurt(ControlPlaneProcesses plane, Victims victims) throws IOException, InterruptedException;

    abstract void heal(ControlPlaneProcesses plane, Victims victims) throws IOException, InterruptedException;

    static ApiFault named(String name) {
        return valueOf(name.trim().toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
