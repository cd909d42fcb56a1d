// One engine whose world is made by hand: the test is its disk, its clock and its peers.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "driver/image_work.hpp"
#include "engine/engine.hpp"
#include "wire/command.hpp"

namespace conclave::engine::test {

using namespace std::chrono_literals;

inline MemberId member(std::uint8_t number) {
  MemberId id;
  id.bytes[15] = number;
  return id;
}

inline Uuid uuid(std::uint8_t number) {
  Uuid id;
  id.bytes[0] = number;
  return id;
}

inline Address address(std::uint8_t number) { return {.host = "node-" + std::to_string(number), .port = 7400}; }
inline std::string name(std::uint8_t number) { return std::string(1, static_cast<char>('a' + number - 1)); }
inline std::uint64_t nonce(std::uint8_t number) { return 1000u + number; }

inline CommandCodec codec() { return {.encode = &wire::encode_command, .decode = &wire::decode_command}; }

inline Founder founder(std::uint8_t number) {
  return {.member = member(number), .nonce = uuid(number), .name = name(number), .address = address(number)};
}

inline Options options(std::uint8_t number) {
  Options options;
  options.cluster_name = "conclave";
  options.name = name(number);
  options.advertise = address(number);
  options.codec = codec();
  return options;
}

inline Options founding(std::uint8_t number, std::uint8_t founders = 3) {
  auto chosen = options(number);
  for (std::uint8_t each = 1; each <= founders; ++each) chosen.founders.push_back(address(each));
  return chosen;
}

inline Options single(std::uint8_t number = 1) {
  auto chosen = options(number);
  chosen.single = true;
  return chosen;
}

/// A store that was just made.
inline Recovered fresh(std::uint8_t number) {
  Recovered recovered;
  recovered.identity = {
      .member = member(number), .founding_nonce = uuid(number), .cluster_name = "conclave", .name = name(number)};
  recovered.generation.member = member(number);
  recovered.generation.boot_epoch = 1;
  recovered.generation.nonces = {nonce(number)};
  recovered.opening_batch = BatchId{1};
  return recovered;
}

/// The genesis of founders 1 to `count`, committed.
inline GenesisRecord genesis(std::uint8_t count = 3) {
  GenesisRecord record{.committed = true, .cluster = {}, .lineage = {}, .founders = {}, .incarnation = paxos::Incarnation{1}};
  for (std::uint8_t each = 1; each <= count; ++each) record.founders.push_back(founder(each));
  record.cluster = cluster_of("conclave", record.founders);
  return record;
}

/// A store that belongs to the cluster of founders 1 to `founders`.
inline Recovered belonging(std::uint8_t number, std::uint8_t founders = 3) {
  auto recovered = fresh(number);
  recovered.genesis = genesis(founders);
  if (number > founders) recovered.genesis->incarnation = {};
  return recovered;
}

/// What a pristine node says of itself.
inline Hello hello(std::uint8_t number) {
  Hello said;
  said.version_min = 1;
  said.version_max = 1;
  said.cluster_name = "conclave";
  said.member = member(number);
  said.name = name(number);
  said.address = address(number);
  said.boot_epoch = 1;
  said.store_nonces = {nonce(number)};
  said.founding_nonce = uuid(number);
  return said;
}

inline Hello founder_hello(std::uint8_t number, std::uint8_t founders = 3) {
  auto said = hello(number);
  for (std::uint8_t each = 1; each <= founders; ++each) said.founders.push_back(address(each));
  return said;
}

/// What a voter of `record`'s cluster says of itself.
inline Hello voter_hello(std::uint8_t number, const GenesisRecord& record) {
  auto said = hello(number);
  said.cluster = record.cluster;
  said.has_vote = true;
  said.incarnation = paxos::Incarnation{1};
  return said;
}

/// No folder, no address: `conclave lock`.
inline Hello ephemeral_hello(std::uint8_t number) {
  auto said = hello(number);
  said.address.reset();
  said.ephemeral = true;
  return said;
}

class Node {
 public:
  /// As the driver does, it begins with a tick.
  Node(Options options, Recovered recovered) : engine(std::move(options), std::move(recovered), Prng(7), now) { (void)tick(); }

  /// One step, at once synced unless the disk `holds`, its work on images done at once unless `holds_images`; what came
  /// out of it, disk and all.
  Effects step(Event event) {
    auto effects = engine.step(std::move(event), now);
    keep(effects);
    if (!effects.persist.empty() && !holds) (void)step(Persisted{.upto = effects.batch});
    return effects;
  }
  Effects tick() { return step(Tick{}); }

  void run_for(BootClock::duration duration) {
    const auto end = now + duration;
    while (engine.next_wakeup() <= end) {
      now = std::max(now, engine.next_wakeup());
      (void)tick();
    }
    now = end;
  }
  bool run_until(const std::function<bool()>& done, BootClock::duration limit = 10s) {
    for (const auto end = now + limit; !done();) {
      if (engine.next_wakeup() > end) return false;
      now = std::max(now, engine.next_wakeup());
      (void)tick();
    }
    return true;
  }
  /// A voter that is alone has begun its term.
  bool lead() {
    return run_until([this] { return engine.replica() && engine.replica()->term_started(); });
  }

  // ---- Peers ----

  LinkId open_link(const Address& remote, bool dialled = false) {
    const LinkId link{++links_};
    (void)step(LinkOpened{.link = link, .remote = remote, .dialled = dialled});
    return link;
  }
  /// A link whose other end says `said`.
  LinkId link(const Hello& said, bool dialled = false) {
    const auto link = open_link(said.address.value_or(address(99)), dialled);
    headers_[link] = {.version = 1, .cluster = said.cluster, .lineage = {}, .sender = said.member,
                      .store_nonce = said.store_nonces.front()};
    (void)hear(link, said);
    return link;
  }
  /// The other end of `link` sends `message`; from its Hello on as one of this node's cluster.
  Effects hear(LinkId link, Message message) {
    if (!std::holds_alternative<Hello>(message)) headers_[link].cluster = engine.header().cluster;
    return hear(link, std::vector{std::move(message)});
  }
  /// The same, of several in one frame.
  Effects hear(LinkId link, std::vector<Message> messages) {
    return step(FrameReceived{.link = link, .frame = {.header = headers_[link], .messages = std::move(messages)}});
  }
  Header& header_of(LinkId link) { return headers_[link]; }

  // ---- What came out ----

  /// All messages of a kind that were sent on `link`.
  template <class M>
  [[nodiscard]] std::vector<M> sent(LinkId link) const {
    std::vector<M> found;
    for (const auto& one : sent_)
      if (const auto* held = std::get_if<M>(&one.message); held && one.link == link) found.push_back(*held);
    return found;
  }
  template <class N>
  [[nodiscard]] std::vector<N> told() const {
    std::vector<N> found;
    for (const auto& notice : notices_)
      if (const auto* held = std::get_if<N>(&notice)) found.push_back(*held);
    return found;
  }
  /// All records of a kind, in order.
  template <class R>
  [[nodiscard]] std::vector<R> stored() const {
    std::vector<R> found;
    for (const auto& record : records_)
      if (const auto* held = std::get_if<R>(&record)) found.push_back(*held);
    return found;
  }
  /// All events of the state machine of a kind.
  template <class E>
  [[nodiscard]] std::vector<E> applied() const {
    std::vector<E> found;
    for (const auto& notice : told<AppliedEvents>())
      for (const auto& event : notice.events)
        if (const auto* held = std::get_if<E>(&event)) found.push_back(*held);
    return found;
  }
  [[nodiscard]] bool closed(LinkId link) const { return std::ranges::find(closed_, link) != closed_.end(); }
  [[nodiscard]] bool remarked(const std::string& text) const {
    return std::ranges::any_of(remarks_, [&](const auto& remark) { return remark.text.find(text) != std::string::npos; });
  }
  /// Why this node is not part of a working cluster, as it told last; empty: it is.
  [[nodiscard]] std::string waits_for() const {
    const auto notices = told<Progress>();
    return notices.empty() || !notices.back().waiting_for ? std::string() : notices.back().waiting_for->message();
  }
  void forget() {
    sent_.clear();
    notices_.clear();
  }

  // ---- Its client ----

  SessionId open_session(std::uint8_t number = 1, std::chrono::milliseconds ttl = 4s) {
    (void)step(OpenSession{.nonce = uuid(number), .ttl = ttl});
    const auto ready = told<SessionReady>();
    return ready.empty() ? SessionId{} : ready.back().session;
  }
  void submit(SessionId session, coordination::Op op) {
    (void)step(Submit{.ticket = ++tickets_, .session = session, .op = std::move(op)});
  }

  Instant now{std::chrono::seconds(1000)};
  bool holds = false;
  bool holds_images = false;
  Engine engine;

 private:
  void keep(const Effects& effects) {
    const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
    append(sent_, effects.send_now);
    append(sent_, effects.send_after);
    append(notices_, effects.notices);
    append(records_, effects.persist);
    append(remarks_, effects.remarks);
    append(closed_, effects.close);
    for (const auto link : effects.close) (void)step(LinkClosed{.link = link});
    if (holds_images) return;
    for (const auto& work : effects.seal) (void)step(driver::seal(work));
    for (const auto& work : effects.open) (void)step(driver::open(work));
  }

  std::uint64_t links_ = 0;
  std::uint64_t tickets_ = 0;
  std::map<LinkId, Header> headers_;
  std::vector<Outgoing> sent_;
  std::vector<Notice> notices_;
  std::vector<Record> records_;
  std::vector<Remark> remarks_;
  std::vector<LinkId> closed_;
};

inline coordination::ResourceName lock(std::string name) { return {coordination::ResourceKind::lock, std::move(name)}; }

}  // namespace conclave::engine::test
