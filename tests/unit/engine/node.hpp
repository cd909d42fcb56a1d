// One engine whose world is made by hand: the test is its disk, its clock and its peers.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "engine/engine.hpp"

namespace conclave::engine::test {

using namespace std::chrono_literals;
MemberId member(std::uint8_t number);
Uuid uuid(std::uint8_t number);
Address address(std::uint8_t number);
std::string name(std::uint8_t number);
std::uint64_t nonce(std::uint8_t number);
CommandCodec codec();
Founder founder(std::uint8_t number);
Options options(std::uint8_t number);
Options founding(std::uint8_t number, std::uint8_t founders = 3);
Options single(std::uint8_t number = 1);

/// A store that was just made.
Recovered fresh(std::uint8_t number);

/// The genesis of founders 1 to `count`, committed.
GenesisRecord genesis(std::uint8_t count = 3);

/// A store that belongs to the cluster of founders 1 to `founders`.
Recovered belonging(std::uint8_t number, std::uint8_t founders = 3);

/// What a pristine node says of itself.
Hello hello(std::uint8_t number);
Hello founder_hello(std::uint8_t number, std::uint8_t founders = 3);

/// What a voter of `record`'s cluster says of itself.
Hello voter_hello(std::uint8_t number, const GenesisRecord& record);

/// No folder, no address: `conclave lock`.
Hello ephemeral_hello(std::uint8_t number);

class Node {
 public:
  /// As the driver does, it begins with a tick.
  Node(Options options, Recovered recovered);
  ~Node();

  /// One step, at once synced unless the disk `holds`, its work on images done at once unless `holds_images`; what came
  /// out of it, disk and all.
  Effects step(Event event);
  Effects tick();

  void run_for(BootClock::duration duration);
  bool run_until(const std::function<bool()>& done, BootClock::duration limit = 10s);
  /// A voter that is alone has begun its term.
  bool lead();

  // ---- Peers ----

  LinkId open_link(const Address& remote, bool dialled = false);
  /// A link whose other end says `said`.
  LinkId link(const Hello& said, bool dialled = false);
  /// The other end of `link` sends `message`; from its Hello on as one of this node's cluster.
  Effects hear(LinkId link, Message message);
  /// The same, of several in one frame.
  Effects hear(LinkId link, std::vector<Message> messages);
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
    return all_of_kind<N>(notices_);
  }
  /// All records of a kind, in order.
  template <class R>
  [[nodiscard]] std::vector<R> stored() const {
    return all_of_kind<R>(records_);
  }
  /// All events of the state machine of a kind.
  template <class E>
  [[nodiscard]] std::vector<E> applied() const {
    return all_of_kind<E>(applied_);
  }
  [[nodiscard]] bool closed(LinkId link) const;
  [[nodiscard]] bool remarked(const std::string& text) const;
  /// Why this node is not part of a working cluster, as it told last; empty: it is.
  [[nodiscard]] std::string waits_for() const;
  void forget();

  // ---- Its client ----

  SessionId open_session(std::uint8_t number = 1, std::chrono::milliseconds ttl = 4s);
  void submit(SessionId session, coordination::Op op);

  Instant now{std::chrono::seconds(1000)};
  bool holds = false;
  bool holds_images = false;
  Engine engine;

 private:
  void keep(const Effects& effects);

  template <class T, class Variant>
  [[nodiscard]] static std::vector<T> all_of_kind(const std::vector<Variant>& all) {
    std::vector<T> found;
    for (const auto& one : all)
      if (const auto* held = std::get_if<T>(&one)) found.push_back(*held);
    return found;
  }

  std::uint64_t links_ = 0;
  std::uint64_t tickets_ = 0;
  std::map<LinkId, Header> headers_;
  std::vector<Outgoing> sent_;
  std::vector<Notice> notices_;
  std::vector<coordination::Event> applied_;
  std::vector<Record> records_;
  std::vector<Remark> remarks_;
  std::vector<LinkId> closed_;
};

coordination::ResourceName lock(std::string name);

}  // namespace conclave::engine::test
