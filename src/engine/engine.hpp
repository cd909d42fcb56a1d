// One node's whole protocol as one pure step: Paxos, gossip, coordination, sessions, reads, genesis and observers composed.
// No clock, no random device, no socket, no disk, no log library: time is an argument, randomness a value of the state.
// Production and simulator run it through the same driver.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <conclave/config.hpp>
#include <conclave/status.hpp>

#include "base/prng.hpp"
#include "coordination/state.hpp"
#include "engine/early_forwards.hpp"
#include "engine/effects.hpp"
#include "engine/event.hpp"
#include "engine/freshness.hpp"
#include "engine/genesis.hpp"
#include "engine/observers.hpp"
#include "engine/peers.hpp"
#include "engine/reads.hpp"
#include "engine/session_keeper.hpp"
#include "engine/session_ledger.hpp"
#include "gossip/gossip.hpp"
#include "paxos/replica.hpp"

namespace conclave::engine {

/// What a store held when it was opened, decoded; or what a new one was given.
struct Recovered {
  IdentityRecord identity;
  GenerationRecord generation;
  std::optional<GenesisRecord> genesis;
  paxos::Ballot promised;
  std::vector<AcceptedRecord> log;  ///< by slot; damaged ones are missing
  Slot watermark;
  std::vector<PeerRecord> peers;
  /// P8, P9: why this store has no vote.
  std::optional<std::string> vote_lost;
  /// The batch that recorded this opening: the engine counts on from it.
  BatchId opening_batch;
  /// S4: the former life's session, if that life provably ended.
  std::optional<SessionRecord> former_session;

  friend bool operator==(const Recovered&, const Recovered&) = default;
};

struct Options {
  std::string cluster_name;
  std::string name;
  /// Where others reach this node; nothing: nowhere.
  std::optional<Address> advertise;
  std::vector<Address> founders;
  bool single{false};
  std::vector<Address> join;
  bool ephemeral{false};
  std::uint8_t priority{100};
  /// The user's state machine; empty: none.
  std::string state_machine;
  Timing timing;
  Limits limits;
  CommandCodec codec;

  friend bool operator==(const Options&, const Options&) = default;
};

class Engine {
 public:
  Engine(Options options, Recovered recovered, Prng prng, Instant now);

  /// Takes one event and says what to do. Events at equal times are taken in the order of the calls; time never goes back.
  [[nodiscard]] Effects step(Event event, Instant now);
  /// When the next `Tick` is due at the latest.
  [[nodiscard]] Instant next_wakeup() const;

  /// Heads everything that this node sends.
  [[nodiscard]] Header header() const;
  [[nodiscard]] const std::string& cluster_name() const { return options_.cluster_name; }
  [[nodiscard]] Status status(Instant now) const;
  [[nodiscard]] const coordination::State& state() const { return state_; }
  [[nodiscard]] const std::optional<paxos::Replica>& replica() const { return replica_; }
  [[nodiscard]] MemberId self() const { return recovered_.identity.member; }
  /// Age of what this node's state shows (R2); nothing: unknown.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> staleness(Instant now) const;

  /// A hash over everything that decides what this engine will do, but for what it was given when it was made.
  [[nodiscard]] std::uint64_t state_hash() const;
  /// The whole state: two equal engines do the same for ever, given the same.
  friend bool operator==(const Engine&, const Engine&) = default;

 private:
  /// One generator for each purpose, so that a draw in one part moves no other.
  enum class Draws : std::uint64_t { peers = 1, gossip, replica };
  [[nodiscard]] Prng fork(Draws purpose) const { return prng_.fork(static_cast<std::uint64_t>(purpose)); }

  /// The way to the leader: this node itself, a link, or none.
  struct Path {
    bool here{false};
    std::optional<LinkId> link;
    std::optional<MemberId> leader;

    friend bool operator==(const Path&, const Path&) = default;
    template <class H>
    friend void hash_append(H& h, const Path& path) {
      h(path.here, path.link, path.leader);
    }
  };

  // One handler per event.
  void on(LinkOpened& event);
  void on(LinkClosed& event);
  void on(DialFailed& event);
  void on(FrameReceived& event);
  void on(DatagramReceived& event);
  void on(Persisted& event);
  void on(DiskFailed& event);
  void on(DiskFull& event);
  void on(DiskHasRoom& event);
  void on(Tick& event);
  void on(OpenSession& event);
  void on(Submit& event);
  void on(AnswersTaken& event);
  void on(CloseSession& event);
  void on(AskRead& event);
  void on(UserResults& event);
  void on(UserSnapshot& event);
  void on(ImageSealed& event);
  void on(ImageOpened& event);
  void on(Leave& event);

  // One handler per message; the link is up, and its member known, unless the message is a Hello.
  void on_message(LinkId link, MemberId from, Message& message);
  void on_hello(LinkId link, const Hello& hello);
  void on_refusal(LinkId link, MemberId from, const Refusal& refusal);
  void on_forward(std::optional<LinkId> from, Forward& forward);
  void refuse_to_lead(LinkId link);
  void admit_early();
  void on_forward_reply(LinkId from, const ForwardReply& reply);
  void on_renew(std::optional<LinkId> from, const Renew& renew);
  void on_renew_ack(const RenewAck& ack);
  void on_end_former(LinkId link, const EndFormer& request);
  void on_read_index(std::optional<LinkId> from, const ReadIndex& question);
  void on_read_reply(const ReadIndexReply& reply);
  void on_attach(LinkId link, MemberId from, const Attach& attach);
  void on_image_request(LinkId link, const ImageRequest& request);
  void on_image_part(MemberId from, const ImagePart& part);

  // Genesis and links (engine_links.cpp).
  void take(Genesis::Output& out);
  void start();
  void found(const GenesisRecord& record);
  /// The replica, over a log that begins above `image`.
  void begin_replica(Slot image);
  void close(LinkId link, const Error& why);
  void close_silent_links();
  void on_member_unlinked(MemberId member);
  [[nodiscard]] Hello hello() const;
  void lose_vote(const std::string& reason);
  void remember_said(MemberId from, const paxos::Message& message);
  [[nodiscard]] bool votes(const Peers::Peer& peer) const;
  void dial_due();
  void take(gossip::Effects& effects);

  // Log and state (engine_log.cpp).
  void on_chosen(const paxos::Chose& chosen);
  void drain_replica();
  void route(std::vector<paxos::Outgoing>& from, std::vector<Outgoing>& to);
  void publish_events(Slot upto);
  void remember_session(const coordination::SessionOpened& opened);
  void on_replica_event(const paxos::Event& event);
  void on_role(const paxos::RoleChanged& changed);
  void on_term_started();
  void on_round(const paxos::RoundConfirmed& round);
  [[nodiscard]] ClusterTime stamp() const;
  /// Encodes and proposes; false when nothing can be proposed now.
  bool propose(const std::vector<coordination::Command>& commands);
  /// What a leader proposes on its own judgement (P12): ends, ticks.
  void judge();
  [[nodiscard]] bool tick_due() const;
  void want_round();
  void seal_batch();

  // Sessions and reads (engine_sessions.cpp).
  void admit(std::optional<LinkId> from, const Payload& payload, std::vector<paxos::Entry>& entries);
  void reply(std::optional<LinkId> to, ForwardReply answer);
  void acknowledge(SessionLedger::Source to, std::vector<RenewAck::Item> items);
  [[nodiscard]] Path find_path() const;
  void update_path();
  /// Commands, renewals and questions can leave for the leader. A candidate that owns a ballot but has not applied its
  /// term-start keeps them (S1, S6, R1).
  [[nodiscard]] bool can_send() const { return path_.here ? ledger_.leads() : path_.link.has_value(); }
  void flush_sessions();
  void flush_reads();
  void publish_reads();
  void end_former();
  void end_session_of_former_life(const EndFormer& request);

  // Observers (engine_observers.cpp).
  /// P11: begins one for all who wait for this kind, unless it is in the making.
  void make_image(ImageKind kind);
  void refuse_image(ImageKind kind, const Error& why);
  void ask_again_for_image();
  void flush_observers();
  [[nodiscard]] Freshness freshness_for(MemberId member) const;
  /// R2: whose word on the state's freshness counts here.
  [[nodiscard]] bool follows(MemberId member) const;
  [[nodiscard]] const Peers::Peer* next_to_follow() const;
  void attach_if_needed();
  void install(OpenedImage image);
  /// Leaves the member that it came from.
  void reject_image(const Error& why);
  /// From now on the member that this node follows sends it the log.
  void follow_log();
  void find_sessions();

  // In words (engine_status.cpp).
  [[nodiscard]] std::vector<MemberStatus> members() const;
  [[nodiscard]] std::string sentence(const std::vector<MemberStatus>& members) const;
  /// Says, once while both live, that another member is called like this one.
  void warn_of_namesake(MemberId member, const std::string& name);
  [[nodiscard]] std::optional<MemberId> namesake(MemberId member, const std::string& name) const;
  void report_progress();
  /// O2: why this guest of a cluster has no state yet; nothing once it has, and for a node that needs no image.
  [[nodiscard]] std::optional<Error> missing_state() const;
  /// As far as this node knows.
  [[nodiscard]] bool has_lost_vote(MemberId voter) const;
  /// Why it belongs to no cluster yet, as far as it knows. `errc::wrong_cluster`: all that it is to join are of another.
  [[nodiscard]] Error outside() const;

  void send(LinkId link, Message message) { effects_.send_now.push_back({link, std::move(message)}); }
  void send_after(LinkId link, Message message) { effects_.send_after.push_back({link, std::move(message)}); }
  void remark(LogLevel level, std::string text) { effects_.remarks.push_back({level, std::move(text)}); }

  Options options_;
  Recovered recovered_;
  Prng prng_;
  Instant now_;
  BatchId batch_;
  Effects effects_;

  Genesis genesis_;
  Peers peers_;
  /// From genesis on, where this node has an address.
  std::optional<gossip::Gossip> gossip_;
  /// From genesis on.
  std::optional<paxos::Replica> replica_;
  /// What the replica asked for in this step.
  paxos::Effects paxos_;
  /// Batches that carry records of the replica: ours and its name for them, until they are synced.
  std::deque<std::pair<BatchId, BatchId>> replica_batches_;
  coordination::State state_;
  std::vector<coordination::Event> events_;
  /// Cluster time goes on from here while this node leads.
  ClusterTime stamp_base_;
  Instant stamp_base_at_;
  /// When this leader's term-start was applied (P12).
  std::optional<Instant> term_start_at_;
  EarlyForwards early_;
  bool tick_proposed_{false};
  /// What this leader has judged and not yet proposed.
  std::deque<coordination::Verdict> verdicts_;
  std::string leader_reason_;
  std::optional<MemberId> told_leader_;
  SessionKeeper keeper_;
  SessionLedger ledger_;
  ReadAsker asker_;
  ReadAnswerer answerer_;
  Observers observers_;
  /// P11: images in the making, one of each kind at a time.
  std::set<ImageKind> making_;
  /// The state as it was when a snapshot of the user's machine was asked for.
  std::optional<coordination::State> snapshotting_;
  std::optional<Attachment> attachment_;
  std::optional<SessionRecord> former_session_;
  /// How long the leader gets to end it before it is asked again.
  static constexpr std::chrono::milliseconds former_session_again{100};
  std::optional<Instant> former_asked_;
  Path path_;
  FreshState fresh_;
  Instant freshness_sent_;
  /// The living members of whom it was said that another is called alike.
  std::set<MemberId> namesakes_told_;
  /// What last kept this node out of its cluster, or from its state.
  std::optional<Error> problem_;
  /// P8: why this node takes no new commands at this moment.
  std::optional<Error> disk_full_;
  std::optional<Error> told_progress_;
  std::optional<BatchId> replica_batch_;
  /// Linearizable reads that wait for their slot to be applied here.
  std::multimap<Slot, std::uint64_t> reads_;
  std::uint64_t images_{0};
  std::uint64_t foreign_datagrams_{0};
  bool started_{false};
  bool stopped_{false};
};

}  // namespace conclave::engine
